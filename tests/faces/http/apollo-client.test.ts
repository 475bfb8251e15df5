/** Apollo Client against a running gateway: queries and mutations over HTTP, a subscription over a websocket. */
import { ApolloClient, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { createClient } from "graphql-ws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { z } from "zod";
import { createGateway, type Gateway } from "../../../src/gateway.ts";

let gateway: Gateway;
let url: string;

beforeAll(async () => {
  gateway = createGateway({ meta: "memory:", payload: "memory:", blob: "memory:", logLevel: "silent" });
  gateway.addModel("TodoItem", z.object({ title: z.string(), tags: z.array(z.string()).default([]) }), {
    indexedFields: ["title"],
  });
  ({ url } = await gateway.listen({ port: 0 }));
});

afterAll(() => gateway.close());

const todo = gql`
  fragment Todo on TodoItemResource {
    id
    meta { resourceId etag }
    data { title tags }
  }
`;

describe("Apollo Client", () => {
  it("mutates, queries, and keeps its cache by the global id", async () => {
    // data has no id of its own: what is selected of it now joins what was selected before.
    const cache = new InMemoryCache({ typePolicies: { TodoItemResource: { fields: { data: { merge: true } } } } });
    const client = new ApolloClient({ link: new HttpLink({ uri: url }), cache });
    const created = await client.mutate<{ createTodoItem: { id: string; meta: { resourceId: string } } }>({
      mutation: gql`${todo} mutation { createTodoItem(data: { title: "a", tags: ["x", "y"] }) { ...Todo } }`,
    });
    const { id, meta } = created.data?.createTodoItem ?? { id: "", meta: { resourceId: "" } };
    const query = gql`${todo} query ($id: ID!, $slice: String) { node(id: $id) { ...Todo ... on TodoItemResource { data { last: tags(slice: $slice) } } } }`;
    const read = await client.query<{ node: unknown }>({ query, variables: { id, slice: "-1" } });
    expect(read.data?.node).toMatchObject({ meta, data: { title: "a", tags: ["x", "y"], last: ["y"] } });
    await client.mutate({
      mutation: gql`${todo} mutation ($id: ID!) { patchTodoItem(resourceId: $id, patch: [{ op: "replace", path: "/title", value: "b" }]) { ...Todo } }`,
      variables: { id: meta.resourceId },
    });
    // Answered from the cache, which the mutation's answer has changed because the ids are the same.
    expect(client.readFragment({ id: `TodoItemResource:${id}`, fragment: todo })).toMatchObject({
      data: { title: "b" },
    });
    client.stop();
  });

  it("follows a subscription over a websocket", async () => {
    const socket = createClient({ url: url.replace("http", "ws"), webSocketImpl: WebSocket });
    const client = new ApolloClient({ link: new GraphQLWsLink(socket), cache: new InMemoryCache() });
    const seen: unknown[] = [];
    const done = new Promise<void>((resolve, reject) => {
      client
        .subscribe({
          query: gql`subscription { todoItemChanged(after: "0") { cursor action resource { data { title } } } }`,
        })
        .subscribe({
          next: ({ data, error }) => {
            if (error) reject(error);
            seen.push(data);
            if (seen.length === 3) resolve();
          },
          error: reject,
        });
    });
    await gateway.resource("TodoItem").create({ title: "c" });
    await done;
    expect(seen).toMatchObject([
      { todoItemChanged: { cursor: "1", action: "CREATE" } },
      { todoItemChanged: { cursor: "2", action: "PATCH", resource: { data: { title: "b" } } } },
      { todoItemChanged: { cursor: "3", action: "CREATE", resource: { data: { title: "c" } } } },
    ]);
    client.stop();
    await socket.dispose();
  });
});
