/** A supergraph that changes while a subscription of a subgraph runs, in a gateway that has nothing else and in one that has. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { createGateway, z } from "../../../src/index.ts";
import { startFaultProxy } from "../../servers/fault-proxy.ts";
import { ask, connect } from "./clients.ts";
import { startLivingService, until } from "./service.ts";

const supergraph = (url: string, added = "") => `
  schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION) {
    query: Query subscription: Subscription
  }
  directive @join__enumValue(graph: join__Graph!) on ENUM_VALUE
  directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, external: Boolean, override: String, usedOverridden: Boolean) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
  directive @join__graph(name: String!, url: String!) on ENUM_VALUE
  directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE
  directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
  directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION
  directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
  scalar join__FieldSet
  scalar link__Import
  enum link__Purpose { SECURITY EXECUTION }
  enum join__Graph { CLOCK @join__graph(name: "clock", url: "${url}") }
  type Query @join__type(graph: CLOCK) { now: Int }
  type Tick @join__type(graph: CLOCK) { n: Int! ${added} }
  type Subscription @join__type(graph: CLOCK) { ticks: Tick }
`;

const sdl = "type Query { now: Int } type Tick { n: Int! half: Int } type Subscription { ticks: Tick }";

it.each([true, false])(
  "runs on with the old one until it is drained; subgraphs that moved are let go (alone: %s)",
  async (isAlone) => {
    const folder = await mkdtemp(join(tmpdir(), "weft-supergraph-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, "supergraph.graphql");
    const clock = await startLivingService(sdl, { "Query.now": () => 7 });
    onTestFinished(() => clock.stop());
    const [before, after] = [await startFaultProxy(clock.port), await startFaultProxy(clock.port)];
    onTestFinished(async () => void (await Promise.all([before.stop(), after.stop()])));
    await writeFile(file, supergraph(before.url));
    const gateway = createGateway({
      meta: "memory:",
      payload: "memory:",
      blob: "memory:",
      remoteSchemas: "memory:",
      logLevel: "silent",
      graceMs: 100,
      schemaDrainMs: 300,
      supergraph: { from: file, poll: false, subgraphs: { clock: { subscriptions: { protocol: "sse" } } } },
    });
    onTestFinished(() => gateway.close());
    if (!isAlone) gateway.addModel("Zone", z.object({ name: z.string() }));
    const { url } = await gateway.listen({ port: 0, host: "127.0.0.1" });
    using client = await connect(url);
    const ticks = client.run("subscription { ticks { n } }");
    await until(() => clock.listeners === 1, "it is subscribed upstream");
    expect(await ask(url, "{ now }")).toEqual({ data: { now: 7 } });

    await writeFile(file, supergraph(after.url, "half: Int"));
    expect(await gateway.reload()).toEqual([{ service: "supergraph", outcome: "changed" }]);
    clock.publish({ ticks: { n: 2, half: 1 } });
    await until(() => ticks.events.length === 1, "an event by the old one");
    expect(ticks.events).toEqual([{ data: { ticks: { n: 2 } } }]);
    expect(ticks.errors).toEqual([]);
    await until(() => ticks.isComplete, "it is drained");
    expect(ticks.errors).toEqual([[expect.objectContaining({ extensions: { code: "SHUTTING_DOWN" } })]]);
    await until(() => before.connections === 0, "nobody is connected to where it was");

    const again = client.run("subscription { ticks { n half } }");
    await until(() => clock.listeners === 1, "it is subscribed upstream where it is now");
    clock.publish({ ticks: { n: 4, half: 2 } });
    await until(() => again.events.length === 1, "an event by the new one");
    expect(again.events).toEqual([{ data: { ticks: { n: 4, half: 2 } } }]);
    expect(await ask(url, "{ now }")).toEqual({ data: { now: 7 } });
    expect(after.connections).toBeGreaterThan(0);
  },
);
