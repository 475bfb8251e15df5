import type { Gateway } from "../gateway.ts";
import { loadGateway } from "./config.ts";

/**
 * Runs a command on the stores of a config's gateway, and closes it. The first signal closes the stores, which ends what runs, where a
 * store never answers too; the second does not wait. Exits with 1 where it was stopped.
 * @param run asks `isStopped` between two steps
 */
export async function onStores(
  config: string | undefined,
  run: (gateway: Gateway, isStopped: () => boolean) => Promise<void>,
): Promise<void> {
  const gateway = await loadGateway(config);
  let isStopping = false;
  const stop = () => {
    if (isStopping) process.exit(1);
    isStopping = true;
    // Now: where a store never answers, nothing comes after this.
    process.exitCode = 1;
    void gateway.close();
  };
  process.on("SIGTERM", stop).on("SIGINT", stop);
  try {
    await run(gateway, () => isStopping);
  } catch (error) {
    // Stores that are closing under it refuse.
    if (!isStopping) throw error;
  } finally {
    await gateway.close();
  }
  if (isStopping) console.error("weft: stopped. Run it again to go on.");
}
