/** A supergraph, served by a gateway that has nothing else. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGateway } from "../../src/gateway.ts";

export interface ServedSupergraph {
  readonly url: string;
  close(): Promise<void>;
}

export async function serveSupergraph(sdl: string): Promise<ServedSupergraph> {
  const folder = mkdtempSync(join(tmpdir(), "weft-audit-"));
  const file = join(folder, "supergraph.graphql");
  writeFileSync(file, sdl);
  const gateway = createGateway({
    supergraph: { from: file, poll: false },
    meta: "memory:",
    payload: "memory:",
    blob: "memory:",
    remoteSchemas: "memory:",
    logLevel: "silent",
    graceMs: 0,
  });
  const { url } = await gateway.listen({ port: 0, host: "127.0.0.1" });
  return {
    url,
    async close() {
      await gateway.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
