/** A gateway on memory stores, where the header x-actor says who asks over GraphQL. */
import { createGateway, type Gateway, type GatewayOptions, z } from "../../../src/index.ts";
import type { Answer } from "../../faces/ask.ts";

export const todo = z.object({
  title: z.string(),
  ownerId: z.string().nullable().default(null),
  level: z.number().int().nullable().default(null),
});

export const todoOptions = { indexedFields: ["title", "ownerId", "level"] };

export function openGateway(options: GatewayOptions) {
  const gateway = createGateway({
    ...{ meta: "memory:", payload: "memory:", blob: "memory:", bus: "local:", queue: "local:" },
    logLevel: "silent",
    authenticate: ({ request }) => request?.headers.get("x-actor") ?? null,
    ...options,
  });
  return gateway;
}

/** Asks as somebody, over HTTP. */
export async function askAs(
  gateway: Gateway,
  actor: string | null,
  query: string,
  variables: object = {},
): Promise<Answer> {
  const response = await gateway.fetch(
    new Request("http://weft.test/graphql", {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json",
        ...(actor === null ? {} : { "x-actor": actor }),
      },
      body: JSON.stringify({ query, variables }),
    }),
  );
  return { status: response.status, ...((await response.json()) as Omit<Answer, "status">) };
}

/** The code that a promise fails with, or what it resolves with. */
export async function outcome(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => "done",
    (error: { code?: string }) => error.code ?? error,
  );
}
