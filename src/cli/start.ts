import { rmSync } from "node:fs";
import type { Gateway } from "../gateway.ts";
import { loadGateway } from "./config.ts";
import { type RunningGateway, stateFile, takeForce, tellRunning } from "./running.ts";

/** `weft start`: serves until it is asked to stop. Standard output has one line; the log goes to standard error. */
export async function start(file: string | undefined): Promise<void> {
  const gateway = await loadGateway(file);
  stopOnSignal(gateway);
  const { url } = await gateway.listen();
  await reloadOnSignal(gateway);
  process.stdout.write(`weft ready at ${url}\n`);
}

/** SIGHUP, as `weft reload` sends it: one after the other, where several come. */
async function reloadOnSignal(gateway: Gateway): Promise<void> {
  const { pid } = process;
  let state: RunningGateway = { pid, reloads: 0, services: [] };
  let reloading = tellRunning(state);
  const reload = async () => {
    const force = await takeForce(pid);
    const came = await gateway.reload({ force }).then(
      (services) => ({ services }),
      (error: Error) => ({ services: [], error: error.message }),
    );
    state = { pid, reloads: state.reloads + 1, ...came };
    await tellRunning(state);
  };
  process.on("SIGHUP", () => {
    reloading = reloading.then(reload).catch((error: unknown) => console.error("weft: reload:", error));
  });
  process.once("exit", () => rmSync(stateFile(pid), { force: true }));
  // A directory that cannot be written to is no reason not to serve.
  await reloading.catch(() => undefined);
}

/** The first signal finishes what runs and exits with 0; the second does not wait. */
function stopOnSignal(gateway: Gateway): void {
  let isStopping = false;
  const stop = () => {
    if (isStopping) process.exit(1);
    isStopping = true;
    gateway.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", stop).on("SIGINT", stop);
  // `weft dev` holds a channel to us, which its end cuts however it ended.
  process.once("disconnect", stop);
}
