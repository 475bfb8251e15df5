/**
 * `weft dev`: `weft start` in a child process, started anew when a file changes. A new process, because modules cannot be
 * unloaded, and because what the old one held (a port, a store's lock) must be free before the new one asks for it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type FSWatcher, readdirSync, watch } from "node:fs";
import { dirname, join } from "node:path";
import { findConfig } from "./config.ts";

const source = /\.([cm]?[jt]sx?|json|env)$/;
const skipped = new Set(["node_modules", "dist"]);
/** An editor that saves writes, renames and touches. */
const quietMs = 100;

export async function dev(file: string | undefined): Promise<void> {
  const path = findConfig(file);
  const state = { isStopping: false };
  let child = startChild(path);
  let restart: NodeJS.Timeout | undefined;
  let restarting = Promise.resolve();

  const restartChild = async () => {
    console.error("weft: a file has changed, starting anew");
    await stopChild(child, "SIGTERM");
    if (!state.isStopping) child = startChild(path);
  };
  const watchers = watchFolders(dirname(path), () => {
    clearTimeout(restart);
    restart = setTimeout(() => {
      restarting = restarting.then(restartChild);
    }, quietMs);
  });

  const stop = async (signal: NodeJS.Signals) => {
    if (state.isStopping) process.exit(1);
    state.isStopping = true;
    clearTimeout(restart);
    for (const watcher of watchers) watcher.close();
    await restarting;
    process.exit(await stopChild(child, signal));
  };
  process.on("SIGTERM", stop).on("SIGINT", stop);
}

/** A child that fails stays down until the next change: its own message says why. */
function startChild(path: string): ChildProcess {
  return spawn(process.execPath, [join(import.meta.dirname, "main.js"), "start", path], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    // A Ctrl-C in the terminal is for us; we pass it on, once.
    detached: true,
  });
}

/** The exit code. */
async function stopChild(child: ChildProcess, signal: NodeJS.Signals): Promise<number> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  }
  return child.exitCode ?? 1;
}

/** Watches a folder and those below it, but for dependencies and hidden ones: among them is the data of the default stores. */
function watchFolders(folder: string, onChange: () => void): FSWatcher[] {
  const watcher = watch(folder, (_event, name) => {
    if (name === null || source.test(name)) onChange();
  });
  const below = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !skipped.has(entry.name) && !entry.name.startsWith("."))
    .flatMap((entry) => watchFolders(join(folder, entry.name), onChange));
  return [watcher, ...below];
}
