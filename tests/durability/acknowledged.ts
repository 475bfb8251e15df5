/** A writing gateway process, and what it was told to be done. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("./writer.mjs", import.meta.url));

export interface Write {
  readonly resourceId: string;
  readonly etag: string;
  /** Absent for a delete. */
  readonly revisionId?: string;
  readonly dataHash?: string;
}

export interface Acknowledged {
  readonly writes: Write[];
  /** Of each resource whose purge has begun, whether it was acknowledged. */
  readonly purges: Map<string, "begun" | "done">;
  /** Writes that were answered with STORE_UNAVAILABLE: they may or may not have happened. */
  failures: number;
}

export const nothingAcknowledged = (): Acknowledged => ({ writes: [], purges: new Map(), failures: 0 });

export interface Writer extends AsyncDisposable {
  /** Resolves when it is killed, all that it said having been noted. @throws Error where it ended otherwise */
  readonly ended: Promise<void>;
  kill(): Promise<void>;
}

/** Starts a gateway with 8 writers on these stores (meta, payload, blob); resolves with the first acknowledgement. */
export async function startWriter(urls: readonly string[], into: Acknowledged): Promise<Writer> {
  const child = spawn(process.execPath, [script, ...urls, "8"], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout });
  const first = Promise.race([once(lines, "line"), once(lines, "close")]);
  const closed = once(lines, "close");
  lines.on("line", (line) => note(line, into));
  const ended = closed.then(async () => {
    const [code, signal] = await exited;
    if (signal !== "SIGKILL") throw new Error(`The writer ended by itself: ${code ?? signal}`);
  });
  ended.catch(() => undefined);
  const kill = () => {
    child.kill("SIGKILL");
    return ended;
  };
  await first;
  return { ended, kill, [Symbol.asyncDispose]: () => kill().catch(() => undefined) };
}

function note(line: string, into: Acknowledged): void {
  if (!line.endsWith("}")) return; // A torn last line was not acknowledged to anybody.
  const said = JSON.parse(line) as Write & { purge?: "begun" | "done"; failed?: string };
  if (said.failed !== undefined) into.failures += 1;
  else if (said.purge !== undefined) into.purges.set(said.resourceId, said.purge);
  else into.writes.push(said);
}
