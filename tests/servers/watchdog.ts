/**
 * Ends a run in which one test file takes too long, and names it. Time limits of tests are timers of the worker that runs them: a
 * loop that never yields outlives them all, and the run with it.
 */
import { readdir, readFile } from "node:fs/promises";
import { relative } from "node:path";
import type { Reporter, TestModule } from "vitest/node";

/** @param limitMs for one file, installation of servers apart */
export function watchdog(limitMs: number): Reporter {
  const timers = new Map<string, NodeJS.Timeout>();
  const forget = ({ moduleId }: TestModule) => {
    clearTimeout(timers.get(moduleId));
    timers.delete(moduleId);
  };
  return {
    onTestModuleStart(module) {
      forget(module);
      const file = relative(process.cwd(), module.moduleId);
      timers.set(module.moduleId, setTimeout(() => void giveUp(file, limitMs), limitMs).unref());
    },
    onTestModuleEnd: forget,
  };
}

async function giveUp(file: string, limitMs: number): Promise<never> {
  console.error(`\nHANGS: ${file} has not ended within ${limitMs / 60_000} minutes. This run ends here.`);
  for (const pid of await childrenOf(process.pid)) process.kill(pid, "SIGKILL");
  process.exit(1);
}

/** Workers and servers: a worker in a loop does not notice that we are gone. None where there is no /proc. */
async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, "utf8").catch(() => ""));
  return (await Promise.all(lists)).flatMap((list) => list.split(" ").filter(Boolean).map(Number));
}
