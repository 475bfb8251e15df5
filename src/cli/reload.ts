/** `weft reload`: has the gateways that run in this directory ask their services for their schemas, and tells what came of it. */
import { setTimeout as delay } from "node:timers/promises";
import { ConfigurationError } from "../base/errors.ts";
import { findRunning, type RunningGateway, readRunning, wishForce } from "./running.ts";

const patienceMs = 60_000;

export async function reload({ force = false }: { readonly force?: boolean }): Promise<void> {
  const running = await findRunning();
  if (running.length === 0) throw new ConfigurationError("No gateway runs in this directory (weft start).");
  for (const before of running) {
    if (force) await wishForce(before.pid);
    process.kill(before.pid, "SIGHUP");
    const after = await reloaded(before);
    for (const { service, outcome, reason } of after.services)
      process.stdout.write(`${before.pid} ${service}: ${outcome}${reason === undefined ? "" : ` (${reason})`}\n`);
    if (after.services.length === 0) process.stdout.write(`${before.pid}: it has no other services\n`);
    if (after.error !== undefined) process.stderr.write(`weft: ${after.error}\n`);
    if (
      after.error !== undefined ||
      after.services.some(({ outcome }) => outcome === "refused" || outcome === "unreachable")
    )
      process.exitCode = 1;
  }
}

async function reloaded({ pid, reloads }: RunningGateway): Promise<RunningGateway> {
  for (const end = Date.now() + patienceMs; Date.now() < end; await delay(50)) {
    const state = await readRunning(pid);
    if (state === undefined) throw new ConfigurationError(`The gateway with the pid ${pid} has ended.`);
    if (state.reloads > reloads) return state;
  }
  throw new ConfigurationError(
    `The gateway with the pid ${pid} has not reloaded within ${patienceMs / 1000} s: see its log.`,
  );
}
