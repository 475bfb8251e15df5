import type { ReindexProgress } from "../features/reindex/reindex.ts";
import type { Gateway } from "../gateway.ts";
import { loadGateway } from "./config.ts";

/** `weft reindex`: exits with 1 where it was stopped, or where something could not be read. */
export async function reindex(models: readonly string[], options: { readonly config?: string }): Promise<void> {
  const gateway = await loadGateway(options.config);
  const signalled = stopOnSignal(gateway);
  const isTerminal = process.stdout.isTTY === true;
  const show = isTerminal ? showOnTerminal() : showLines();
  let unreadable = 0;
  try {
    for await (const progress of gateway.reindex(models.length > 0 ? models : undefined)) {
      for (const { seq, resourceId, payloadKey, error } of progress.failures) {
        const line = `weft: ${resourceId}, change ${seq}, payload ${payloadKey}: ${reasonOf(error)}`;
        console.error(isTerminal ? eraseLine + line : line);
      }
      show(progress);
      if (progress.phase === "done") unreadable += progress.unreadable;
      if (signalled()) break;
    }
  } catch (error) {
    // Stores that are closing under it refuse.
    if (!signalled()) throw error;
  } finally {
    await gateway.close();
  }
  if (signalled()) console.error("weft: stopped. Run it again to go on.");
  if (unreadable > 0) process.exitCode = 1;
}

/** The first signal closes the stores, which ends what runs; the second does not wait. @returns whether there was one */
function stopOnSignal(gateway: Gateway): () => boolean {
  let isStopping = false;
  const stop = () => {
    if (isStopping) process.exit(1);
    isStopping = true;
    // Now: where a store never answers, nothing comes after this.
    process.exitCode = 1;
    void gateway.close();
  };
  process.on("SIGTERM", stop).on("SIGINT", stop);
  return () => isStopping;
}

type Show = (progress: ReindexProgress) => void;

const eraseLine = "\r\u001b[K";
const barWidth = 24;

function showOnTerminal(): Show {
  return (progress) => {
    const bar = "█".repeat(Math.round(progress.fraction * barWidth)).padEnd(barWidth, "░");
    const isDone = progress.phase === "done";
    process.stdout.write(isDone ? `${eraseLine}${lineOf(progress)}\n` : `${eraseLine}${bar} ${lineOf(progress)}`);
  };
}

/** A line for each tenth of the way. */
function showLines(): Show {
  let shown = "";
  return (progress) => {
    const { modelName, phase, fraction } = progress;
    const step = `${modelName} ${phase} ${Math.floor(fraction * 10)}`;
    if (step !== shown) console.log(lineOf(progress));
    shown = step;
  };
}

function lineOf({ modelName, phase, fraction, reindexed, unreadable }: ReindexProgress): string {
  const states = `${reindexed} states made anew, ${unreadable} unreadable`;
  if (phase === "done") return `${modelName}: ${states}`;
  return `${modelName}: ${phase === "indexes" ? "indexes" : `${Math.floor(fraction * 100)} %`}, ${states}`;
}

function reasonOf(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}
