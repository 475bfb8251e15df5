import type { Gateway } from "../gateway.ts";
import { loadGateway } from "./config.ts";

/** `weft start`: serves until it is asked to stop. Standard output has one line; the log goes to standard error. */
export async function start(file: string | undefined): Promise<void> {
  const gateway = await loadGateway(file);
  stopOnSignal(gateway);
  const { url } = await gateway.listen();
  process.stdout.write(`weft ready at ${url}\n`);
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
