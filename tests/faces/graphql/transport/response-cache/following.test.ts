/** How the cache hears of changes: of this node's own at once, of others' by the log, and what it does while it hears nothing. */
import { type ExecutionResult, GraphQLInt, GraphQLObjectType, GraphQLSchema, parse } from "graphql";
import { describe, expect, it } from "vitest";
import { checkedDocument } from "../../../../../src/faces/graphql/transport/documents.ts";
import { cacheableOf } from "../../../../../src/faces/graphql/transport/response-cache/cacheable.ts";
import { cacheNoteOf, textOf } from "../../../../../src/faces/graphql/transport/response-cache/kept-result.ts";
import { createResponseCache } from "../../../../../src/faces/graphql/transport/response-cache/response-cache.ts";
import { until } from "../fixture.ts";

const mark = { cacheable: { isGuarded: false } };
const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: "Query", fields: { level: { type: GraphQLInt, extensions: mark } } }),
});
const checked = checkedDocument(schema, parse("{ level }"));

interface Change {
  readonly seq: number;
  readonly resourceId: string;
  readonly resourceName: string;
}
const change = (seq: number, id = "m:1"): Change => ({ seq, resourceId: id, resourceName: "m" });

/** A log by hand. */
function log() {
  const waiting: ((result: IteratorResult<Change>) => void)[] = [];
  const failing: ((error: unknown) => void)[] = [];
  let followers = 0;
  return {
    get followers() {
      return followers;
    },
    isAway: false,
    async follow() {
      if (this.isAway) throw new Error("the store is away");
      followers += 1;
      return {
        [Symbol.asyncIterator]: () => ({
          next: () =>
            new Promise<IteratorResult<Change>>((resolve, reject) => {
              waiting.push(resolve);
              failing.push(reject);
            }),
        }),
      };
    },
    async bring(value: Change) {
      waiting.shift()?.({ done: false, value });
      failing.shift();
      await new Promise((resolve) => setImmediate(resolve));
    },
    async cut() {
      waiting.shift();
      failing.shift()?.(new Error("STORE_UNAVAILABLE"));
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

async function started() {
  const changes = log();
  const cache = createResponseCache({ ttlMs: 60_000 }, { follow: () => changes.follow() });
  let level = 0;
  let runs = 0;
  const ask = async (during: () => void = () => {}): Promise<ExecutionResult> => {
    if (checked.only === undefined) throw new Error("one operation");
    const call = { checked, definition: checked.only, variables: {}, actor: null, headers: undefined };
    return cache.serve(call, async (notes) => {
      runs += 1;
      notes?.resource("m:1");
      const data = { level };
      during();
      return { data };
    });
  };
  await ask();
  await until(() => changes.followers === 1);
  await new Promise((resolve) => setImmediate(resolve));
  return {
    changes,
    cache,
    ask,
    runs: () => runs,
    write() {
      level += 1;
    },
  };
}

describe("a write of this node", () => {
  it("is shown at once, before the log brings it", async () => {
    const { cache, ask, write } = await started();
    await ask();
    expect(cacheNoteOf(await ask())?.isHit).toBe(true);
    write();
    cache.committed([change(1)]);
    const result = await ask();
    expect([result.data, cacheNoteOf(result)?.isHit]).toEqual([{ level: 1 }, false]);
    cache.close();
  });

  it("throws nothing away a second time, when the log brings it", async () => {
    const { cache, changes, ask, write } = await started();
    write();
    cache.committed([change(1)]);
    await ask();
    await changes.bring(change(1));
    expect(cacheNoteOf(await ask())?.isHit).toBe(true);
    await changes.bring(change(2));
    expect(cacheNoteOf(await ask())?.isHit).toBe(false);
    cache.close();
  });

  it("that happens while an answer is made has it not kept, whichever of the two was first", async () => {
    const { cache, ask, write, runs } = await started();
    await ask(() => {
      write();
      cache.committed([change(1)]);
    });
    const before = runs();
    expect((await ask()).data).toEqual({ level: 1 });
    expect(runs()).toBe(before + 1);
    cache.close();
  });
});

describe("while the log cannot be followed", () => {
  it("nothing is kept, and what was is forgotten; afterwards answers are kept again", async () => {
    const { cache, changes, ask, runs } = await started();
    await ask();
    changes.isAway = true;
    await changes.cut();
    const before = runs();
    for (let round = 0; round < 3; round++) await ask();
    expect(runs()).toBe(before + 3);
    changes.isAway = false;
    await until(() => changes.followers === 2);
    await new Promise((resolve) => setImmediate(resolve));
    await ask();
    expect(cacheNoteOf(await ask())?.isHit).toBe(true);
    cache.close();
  });

  it("an answer that began before is not kept", async () => {
    const { cache, changes, ask, runs } = await started();
    let cut: Promise<void> | undefined;
    await ask(() => {
      cut = changes.cut();
    });
    await cut;
    const before = runs();
    await ask();
    expect(runs()).toBe(before + 1);
    cache.close();
  });
});

describe("a field", () => {
  const found = (extensions: Readonly<Record<string, unknown>>, remoteTtlMs = {}) => {
    const fields = { level: { type: GraphQLInt, extensions } };
    const own = checkedDocument(
      new GraphQLSchema({ query: new GraphQLObjectType({ name: "Query", fields }) }),
      parse("{ level __typename }"),
    );
    return own.only && cacheableOf(own, own.only, { ttlMs: 1000, remoteTtlMs });
  };

  it("is known by its mark, and one that another service answers by its type alone", () => {
    expect(found(mark)).toEqual({ isGuarded: false, hasRemote: false, ttlMs: 1000 });
    expect(found({})).toBeUndefined();
    expect(found({ ...mark, weft: { service: "shop" } })).toBeUndefined();
    expect(found({ weft: { service: "shop" } }, { Int: 5 })).toEqual({ isGuarded: false, hasRemote: true, ttlMs: 5 });
  });
});

describe("a kept result", () => {
  it("is its text, and an object for who wants one", async () => {
    const { cache, ask } = await started();
    await ask();
    const result = await ask();
    expect(textOf(result)).toBe('{"data":{"level":0}}');
    expect(JSON.stringify(result)).toBe(textOf(result));
    expect({ ...result }).toEqual({ data: { level: 0 } });
    cache.close();
  });
});
