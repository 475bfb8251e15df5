/** A gateway on memory stores with items that tell the operators apart, and the two ways to search them. */
import { expect } from "vitest";
import { z } from "zod";
import { createGateway, type Gateway } from "../../../src/gateway.ts";
import { type Answer, ask, codesIn } from "../ask.ts";

const schema = z.object({
  title: z.string(),
  note: z.string().nullish(),
  level: z.number().int(),
  ratio: z.number(),
  big: z.bigint(),
  done: z.boolean(),
  color: z.enum(["red", "light blue"]),
  due: z.iso.datetime().nullable(),
  day: z.iso.date(),
  tags: z.array(z.string()),
  address: z.object({ city: z.string(), zip: z.string() }),
  meta: z.string(),
  and: z.number().int(),
  or: z.array(z.string()),
  not: z.object({ deep: z.boolean() }),
  secret: z.string(),
});

const base = {
  ...{ ratio: 0.5, done: false, day: "2026-03-01", meta: "m", and: 1, or: ["o"], not: { deep: false }, secret: "s" },
  address: { city: "Taipei", zip: "100" },
};

const items: Record<string, z.input<typeof schema>> = {
  a: { ...base, title: "Alpha", note: null, level: 1, big: 1n, color: "red", due: null, tags: [] },
  b: {
    ...{
      ...base,
      title: "beta 100%",
      note: "x",
      level: 2,
      ratio: 1.5,
      big: 2n ** 70n,
      done: true,
      color: "light blue",
    },
    ...{ due: "2026-01-01T08:00:00+08:00", day: "2026-04-01", tags: ["red", "hot"] },
    ...{ meta: "n", and: 2, or: ["o", "p"], not: { deep: true } },
  },
  // Without a note at all.
  c: {
    ...{ ...base, title: "Gamma_ß", level: 3, big: -5n, color: "red", due: "2026-06-01T00:00:00Z", tags: ["hot"] },
    address: { city: "Keelung", zip: "200" },
  },
};

export interface SearchFixture {
  readonly gateway: Gateway;
  ask(query: string, variables?: object | string): Promise<Answer>;
  /** The names of the items that a typed filter finds, through the connection; `!CODE` for an error. */
  where(filter: object | null): Promise<string>;
  /** The same of conditions of a query, through the list. */
  conditions(...conditions: object[]): Promise<string>;
}

export async function createSearchFixture(): Promise<SearchFixture> {
  const gateway = createGateway({ meta: "memory:", payload: "memory:", blob: "memory:", logLevel: "silent" });
  const manager = gateway.addModel("Item", schema, {
    indexedFields: [
      ...["title", "note", "level", "ratio", "big", "done", "color", "due", "day", "tags", "address.city"],
      ...["meta", "and", "or", "not.deep"],
    ],
  });
  const times: Record<string, string> = { a: "2026-01-01", b: "2026-01-02", c: "2026-01-03" };
  for (const [name, data] of Object.entries(items)) {
    await manager
      .as(`author-${name}`, new Date(`${times[name]}T00:00:00Z`))
      .create(data, { resourceId: `item:${name}` });
  }
  const found = (answer: Answer, list: readonly { meta: { resourceId: string } }[] | undefined) => {
    if (answer.errors)
      return codesIn(answer)
        .map((code) => `!${code}`)
        .join("");
    expect(list).toBeDefined();
    return (list ?? [])
      .map(({ meta }) => meta.resourceId.slice("item:".length))
      .sort()
      .join("");
  };
  return {
    gateway,
    ask: (query, variables) => ask(gateway, query, variables),
    async where(filter) {
      const query = "query ($where: ItemWhere) { items(where: $where) { nodes { meta { resourceId } } } }";
      const answer = await ask(gateway, query, { where: filter });
      return found(answer, answer.data?.items?.nodes);
    },
    async conditions(...conditions) {
      const query = "query ($query: ResourceQuery) { itemList(query: $query) { meta { resourceId } } }";
      const answer = await ask(gateway, query, { query: { conditions } });
      return found(answer, answer.data?.itemList);
    },
  };
}

/** One comparison of `query.conditions`. */
export function leaf(fieldPath: string, operator: string, value: unknown, transform?: "LENGTH"): object {
  return { condition: { fieldPath, operator, value, ...(transform && { transform }) } };
}
