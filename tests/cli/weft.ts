/** The command as it is installed: the built `dist/`, in a process of its own and a folder of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const main = join(import.meta.dirname, "../../dist/cli/main.js");

export interface Folder extends Disposable {
  readonly path: string;
  write(name: string, text: string): void;
}

export function makeFolder(files: Record<string, string> = {}): Folder {
  const path = mkdtempSync(join(tmpdir(), "weft-cli-"));
  const write = (name: string, text: string) => writeFileSync(join(path, name), text);
  for (const [name, text] of Object.entries(files)) write(name, text);
  return { path, write, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** How long a command may take to end when it is asked to. */
const patienceMs = 15_000;

export interface Running extends AsyncDisposable {
  readonly child: ChildProcess;
  out: string;
  err: string;
  /** The exit code; null where a signal killed it. */
  readonly exited: Promise<number | null>;
}

export function weft(folder: Folder, args: readonly string[], env: Record<string, string> = {}): Running {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(process.execPath, [main, ...args], { cwd: folder.path, env: { PATH, HOME, PORT: "0", ...env } });
  const exited = once(child, "close").then(([code]) => code as number | null);
  const running = { child, out: "", err: "", exited };
  child.stdout.on("data", (chunk) => {
    running.out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    running.err += chunk;
  });
  const dispose = async () => {
    child.kill("SIGTERM");
    const kill = setTimeout(() => child.kill("SIGKILL"), patienceMs);
    await exited;
    clearTimeout(kill);
  };
  return Object.assign(running, { [Symbol.asyncDispose]: dispose });
}

export const config = (title: string) => `
import { createGateway, z } from "weft";
import { z as own } from "zod";
if (own.object !== z.object) throw new Error("two copies of zod");
const gateway = createGateway({ meta: "memory:", payload: "memory:", blob: "memory:" });
gateway.addModel("${title}", own.object({ name: own.string() }), { indexedFields: ["name"] });
export default gateway;
`;
