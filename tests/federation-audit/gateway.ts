/** A supergraph, served by weft's transport over HTTP. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { createGraphqlTransport } from "../../src/faces/graphql/transport/transport.ts";
import type { Remote, RemoteResult } from "../../src/faces/stitch/remote/remote.ts";
import { createSupergraph } from "../../src/faces/stitch/supergraph/supergraph.ts";

export interface ServedSupergraph {
  readonly url: string;
  close(): Promise<void>;
}

export async function serveSupergraph(sdl: string): Promise<ServedSupergraph> {
  const { schema } = createSupergraph({ sdl, remoteOf });
  const transport = createGraphqlTransport({
    schema: () => schema,
    createContext: () => ({ remoteCaller: () => ({ actor: null, headers: {} }) }),
    defaultActor: () => null,
    log: pino({ level: "silent" }),
  });
  const server = createServer((request, response) => void transport.handle(request, response, { requestId: "audit" }));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${transport.path}`,
    async close() {
      await transport.close(0);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function remoteOf(name: string, url: string): Remote {
  return {
    name,
    async execute({ query, variables }) {
      const response = await fetch(url, {
        method: "POST",
        headers: { accept: "application/json", "content-type": "application/json" },
        body: JSON.stringify({ query, variables }),
      });
      return (await response.json()) as RemoteResult;
    },
    subscribe() {
      throw new Error("The audit has no subscriptions.");
    },
    close: async () => {},
  };
}
