/** A GraphQL service of the tests' own: queries and mutations over HTTP, answered by a function. */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { json } from "node:stream/consumers";

export interface Received {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly headers: IncomingHttpHeaders;
  /** Its connection was closed before it was answered. */
  isGone: boolean;
}

/** JSON to answer, or a function that writes the answer itself. */
export type Reply = object | ((response: ServerResponse) => void);

export interface Service {
  readonly port: number;
  readonly url: string;
  readonly received: Received[];
  readonly connections: () => Promise<number>;
  stop(): Promise<void>;
}

export async function startService(reply: (received: Received) => Reply | Promise<Reply>): Promise<Service> {
  const received: Received[] = [];
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const body = (await json(request)) as Pick<Received, "query" | "variables">;
    const entry: Received = { ...body, headers: request.headers, isGone: false };
    response.on("close", () => {
      entry.isGone = !response.writableFinished;
    });
    received.push(entry);
    const answer = await reply(entry);
    if (typeof answer === "function") answer(response);
    else response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return {
    port,
    url: `http://127.0.0.1:${port}/graphql`,
    received,
    connections: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
      }),
    async stop() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
