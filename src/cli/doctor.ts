import type { Finding } from "../base/finding.ts";
import { loadGateway } from "./config.ts";

const signs: Readonly<Record<Finding["state"], string>> = { ok: "ok     ", warning: "WARNING", error: "ERROR  " };

/** `weft doctor`: exits with 1 where a part cannot be used as it is. */
export async function doctor(options: { readonly config?: string }): Promise<void> {
  const gateway = await loadGateway(options.config);
  try {
    for await (const { part, kind, findings } of gateway.diagnose()) {
      for (const { subject, state, text } of findings) {
        console.log(`${signs[state]} ${part.padEnd(8)} ${kind}: ${subject}: ${text}`);
        if (state === "error") process.exitCode = 1;
      }
    }
  } finally {
    await gateway.close();
  }
}
