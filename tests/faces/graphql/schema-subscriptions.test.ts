import { type ExecutionResult, parse, subscribe } from "graphql";
import { beforeAll, describe, expect, it } from "vitest";
import { createSession } from "../../../src/resource/session.ts";
import { type Backing, createFaceFixture, type FaceFixture, memoryBacking } from "./face-fixture.ts";
import { zoneSchema } from "./rich-model.ts";

let backing: Backing;
let fixture: FaceFixture;

beforeAll(() => {
  backing = memoryBacking();
  fixture = createFaceFixture(backing);
  fixture.add("Zone", zoneSchema, { indexedFields: ["name"] });
  fixture.add("Realm", zoneSchema);
});

async function open(source: string): Promise<AsyncGenerator<ExecutionResult>> {
  const contextValue = fixture.face.createContext(createSession(backing.services(), { actor: "ann" }));
  const stream = await subscribe({ schema: fixture.schema(), document: parse(source), contextValue });
  if (Symbol.asyncIterator in stream) return stream as AsyncGenerator<ExecutionResult>;
  throw stream.errors?.[0]?.originalError ?? new Error("no stream");
}

async function take(stream: AsyncGenerator<ExecutionResult>, count: number): Promise<unknown[]> {
  const events: unknown[] = [];
  while (events.length < count) {
    const { value } = await stream.next();
    if (value.errors?.[0]) throw value.errors[0];
    events.push(JSON.parse(JSON.stringify(Object.values(value.data)[0])));
  }
  await stream.return(undefined);
  return events;
}

const write = (source: string) => fixture.run(`mutation { ${source} }`);

describe("zoneChanged", () => {
  it("replays the log behind a cursor with each state as the change left it, null once purged", async () => {
    await write(`a: createZone(resourceId: "zone:a", data: { name: "one" }) { id }
      b: updateZone(resourceId: "zone:a", data: { name: "two" }) { id }
      c: createZone(resourceId: "zone:b", data: { name: "gone" }) { id } d: purgeZone(resourceId: "zone:b") { id }`);
    const stream = await open(`subscription { zoneChanged(after: "0") {
      __typename cursor action resourceName resourceId revisionId previousRevisionId actor changedPaths
      resource { __typename meta { totalRevisionCount } revision { revisionId status } data { name } }
    } }`);
    const common = { __typename: "ZoneChange", resourceName: "zone", actor: "ann" };
    const state = (name: string, n: number) => ({
      __typename: "ZoneResource",
      meta: { totalRevisionCount: n },
      revision: { revisionId: `zone:a:${n}`, status: "STABLE" },
      data: { name },
    });
    const [first, second, third, fourth] = await take(stream, 4);
    const a = { ...common, resourceId: "zone:a" };
    const b = { ...common, resourceId: "zone:b", revisionId: "zone:b:1", changedPaths: [""], resource: null };
    expect(first).toEqual({
      ...a,
      cursor: "1",
      action: "CREATE",
      revisionId: "zone:a:1",
      previousRevisionId: null,
      changedPaths: [""],
      resource: state("one", 1),
    });
    expect(second).toEqual({
      ...a,
      cursor: "2",
      action: "UPDATE",
      revisionId: "zone:a:2",
      previousRevisionId: "zone:a:1",
      changedPaths: ["/name"],
      resource: state("two", 2),
    });
    expect(third).toMatchObject({ ...b, cursor: "3", action: "CREATE" });
    expect(fourth).toMatchObject({ ...b, cursor: "4", action: "PURGE" });
  });

  it("delivers live what its filter matches, and only its own model", async () => {
    const stream = await open(
      `subscription { zoneChanged(where: { name: { eq: "wanted" } }) { resourceId resource { data { name } } } }`,
    );
    const events = take(stream, 1);
    await write(`a: createRealm(data: { name: "wanted" }) { id } b: createZone(data: { name: "other" }) { id }
      c: createZone(resourceId: "zone:w", data: { name: "wanted" }) { id }`);
    expect(await events).toEqual([{ resourceId: "zone:w", resource: { data: { name: "wanted" } } }]);
  });

  it("refuses a bad cursor and a bad filter before it begins", async () => {
    await expect(open('subscription { zoneChanged(after: "x") { cursor } }')).rejects.toMatchObject({
      code: "CURSOR_INVALID",
    });
    await expect(open("subscription { zoneChanged(where: { name: {} }) { cursor } }")).rejects.toMatchObject({
      code: "QUERY_INVALID",
    });
  });

  it("ends at once when its reader leaves, though nothing has come", async () => {
    const stream = await open("subscription { zoneChanged { cursor } }");
    const waiting = stream.next();
    await stream.return(undefined);
    expect(await waiting).toEqual({ done: true, value: undefined });
  });
});

describe("resourceChanged", () => {
  it("delivers changes of all models with their own types, or of those named", async () => {
    const all = await open(`subscription { resourceChanged { __typename resourceName
      resource { __typename meta { resourceId } ... on RealmResource { data { name } } } ... on ZoneChange { resource { data { name } } } } }`);
    const named = await open(
      'subscription { resourceChanged(resourceNames: ["realm", "unknown"]) { resourceId action } }',
    );
    const events = Promise.all([take(all, 2), take(named, 1)]);
    await write(
      `a: createZone(resourceId: "zone:x", data: { name: "z" }) { id } b: createRealm(resourceId: "realm:x", data: { name: "r" }) { id }`,
    );
    expect(await events).toEqual([
      [
        {
          __typename: "ZoneChange",
          resourceName: "zone",
          resource: { __typename: "ZoneResource", meta: { resourceId: "zone:x" }, data: { name: "z" } },
        },
        {
          __typename: "RealmChange",
          resourceName: "realm",
          resource: { __typename: "RealmResource", meta: { resourceId: "realm:x" }, data: { name: "r" } },
        },
      ],
      [{ resourceId: "realm:x", action: "CREATE" }],
    ]);
  });
});
