import type { ReindexProgress } from "../features/reindex/reindex.ts";
import { progressDisplay } from "./progress.ts";
import { onStores } from "./stoppable.ts";

/** `weft reindex`: exits with 1 where it was stopped, or where something could not be read. */
export async function reindex(models: readonly string[], options: { readonly config?: string }): Promise<void> {
  const display = progressDisplay();
  await onStores(options.config, async (gateway, isStopped) => {
    for await (const progress of gateway.reindex(models.length > 0 ? models : undefined)) {
      for (const { seq, resourceId, payloadKey, error } of progress.failures) {
        display.complain(`weft: ${resourceId}, change ${seq}, payload ${payloadKey}: ${reasonOf(error)}`);
      }
      const { modelName, phase, fraction, unreadable } = progress;
      if (phase !== "done") display.show(`${modelName} ${phase}`, fraction, lineOf(progress));
      else display.done(lineOf(progress));
      if (unreadable > 0) process.exitCode = 1;
      if (isStopped()) return;
    }
  });
}

function lineOf({ modelName, phase, fraction, reindexed, unreadable }: ReindexProgress): string {
  const states = `${reindexed} states made anew, ${unreadable} unreadable`;
  if (phase === "done") return `${modelName}: ${states}`;
  return `${modelName}: ${phase === "indexes" ? "indexes" : `${Math.floor(fraction * 100)} %`}, ${states}`;
}

function reasonOf(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}
