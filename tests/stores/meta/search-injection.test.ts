/**
 * The text of a statement never holds input. A text for hostile input is made of words and literals that texts for harmless
 * input are made of, too: of constants and of what the registry holds. Hostile are values, field paths, sort paths, ids, cursors
 * and users; the statements run on a real database, whose tables are there afterwards.
 */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WeftError } from "../../../src/base/errors.ts";
import type { Json } from "../../../src/base/json.ts";
import type { FieldType } from "../../../src/model/field.ts";
import { checkQuery } from "../../../src/query/check-query.ts";
import type { SortKey } from "../../../src/query/condition.ts";
import { type IndexedModel, metaFields } from "../../../src/query/fields.ts";
import { operatorNames } from "../../../src/query/operators.ts";
import { decodeCursor } from "../../../src/query/page.ts";
import type { ResourceQuery } from "../../../src/query/resource-query.ts";
import type { Database } from "../../../src/stores/meta/drivers/prisma/database.ts";
import { migrate } from "../../../src/stores/meta/drivers/prisma/migrate.ts";
import { openPglite } from "../../../src/stores/meta/drivers/prisma/pglite-database.ts";
import { prismaMetaStore } from "../../../src/stores/meta/drivers/prisma/prisma-meta-store.ts";
import { countSql, searchSql } from "../../../src/stores/meta/drivers/prisma/search-sql.ts";
import type { HeadQuery, MetaStore } from "../../../src/stores/meta/meta-store.ts";

const manyAttacks = process.env.WEFT_SOAK ? 20_000 : 500;
/** A failure prints the seed that repeats it: WEFT_SEED=<seed>. */
const seed = Number(process.env.WEFT_SEED ?? Math.floor(Math.random() * 2 ** 31));

const resourceName = "todo";
const limits = { defaultLimit: 20, maxLimit: 20, maxConditions: 200 };

const types: Readonly<Record<string, FieldType>> = {
  title: { kind: "string" },
  "address.city": { kind: "string" },
  // The registry may hold it: a key of a model is any text.
  'o\'dd "name" \\ $1 ?; --': { kind: "string" },
  level: { kind: "float" },
  big: { kind: "bigint", holds: "bigint" },
  isDone: { kind: "boolean" },
  due: { kind: "datetime", holds: "string" },
  day: { kind: "date" },
  tags: { kind: "list", element: { type: { kind: "string" }, isNullable: true } },
  extra: { kind: "json" },
};
const model: IndexedModel = {
  indexedFields: new Map(Object.entries(types).map(([path, type]) => [path, { path, type, isNullable: true }])),
};
const metaKeys: readonly string[] = [...metaFields.keys()];

/** No word of SQL, nor of ours. */
const mark = "zq7Xmark";
const markedNumber = 918_273_645.5;

const breakers = [
  ...[
    "'",
    '"',
    "''",
    "\\'",
    "\\",
    "';",
    "; drop table weft_head; --",
    "') or true --",
    "/*",
    "*/",
    "--",
    "$1",
    "$$",
    "E'",
  ],
  ...[
    "::text",
    "?",
    "%",
    "_",
    "\0",
    "\n",
    "\u2028",
    "\ud83e",
    "🦋",
    "ʼ",
    "＇",
    "\u0301",
    "{}",
    "[",
    "(",
    ")",
    "(?i)",
    "a{1001}",
  ],
];
const hostile = fc
  .tuple(fc.constantFrom(...breakers), fc.constantFrom(...breakers, ""), fc.string({ unit: "binary", maxLength: 4 }))
  .map(([before, after, any]) => `${before}${mark}${after}${any}`);

const canonical = new Map<string, readonly Json[]>(
  Object.entries({
    level: [markedNumber, -markedNumber],
    big: ["91827364554637281991", "-91827364554637281991"],
    isDone: [true, false],
    due: ["9182-07-03T06:45:05.463Z"],
    day: ["9182-07-03"],
    createdTime: ["9182-07-03T06:45:05.463Z"],
    totalRevisionCount: [918_273_645],
  }),
);

const value = (path: string): fc.Arbitrary<Json> =>
  fc.oneof<fc.Arbitrary<Json>[]>(
    hostile,
    fc.constantFrom<Json[]>(...(canonical.get(path) ?? [markedNumber])),
    fc.array(fc.oneof(hostile, fc.constantFrom<Json[]>(...(canonical.get(path) ?? [true]))), { maxLength: 3 }),
    fc.tuple(hostile, hostile),
    fc.dictionary(hostile, hostile, { maxKeys: 2 }),
  );

const known = fc.constantFrom(...Object.keys(types), ...metaKeys);
const leafAt = (paths: fc.Arbitrary<string>) =>
  paths.chain((fieldPath) =>
    fc.record({
      condition: fc.record({
        fieldPath: fc.constant(fieldPath),
        operator: fc.constantFrom(...operatorNames),
        value: value(fieldPath),
        transform: fc.constantFrom(null, null, null, "length" as const),
      }),
    }),
  );
const sortAt = (paths: fc.Arbitrary<string>) =>
  fc
    .record({ paths, direction: fc.constantFrom("asc" as const, "desc" as const) })
    .map(({ paths: path, direction }) =>
      metaKeys.includes(path) ? { meta: { key: path, direction } } : { data: { fieldPath: path, direction } },
    );

const attack = fc.record({
  conditions: fc.array(leafAt(known), { maxLength: 3 }),
  group: fc.constantFrom("AND" as const, "OR" as const, "NOT" as const),
  sorts: fc.array(sortAt(known), { maxLength: 3 }),
  users: fc.option(fc.array(hostile, { maxLength: 3 }), { nil: null }),
  placed: fc.array(fc.tuple(fc.array(fc.oneof(hostile, fc.constant(null)), { maxLength: 3 }), hostile), {
    maxLength: 2,
  }),
  fromEnd: fc.boolean(),
  id: hostile,
});
type Attack = typeof attack extends fc.Arbitrary<infer T> ? T : never;

const strangePath = fc.oneof(
  hostile,
  fc.tuple(fc.constantFrom(...Object.keys(types)), hostile).map(([path, more]) => `${path}${more}`),
  fc.constantFrom("indexed_data", "h.resource_id", "__proto__", "constructor", "title'", "weft_head", ""),
);

/** What a text is made of: literals, words, numbers of placeholders aside, and signs. */
function tokensOf(sql: string): string[] {
  const tokens = sql.match(/E'(?:[^'\\]|''|\\[\s\S])*'|'(?:[^']|'')*'|"[^"]*"|\$\d+|\w+|[^\w\s]/g) ?? [];
  return tokens.map((token) => (/^\$\d+$/.test(token) ? "$n" : token));
}

describe("statements of searches", () => {
  let store: MetaStore;
  let database: Database;
  let texts: string[] = [];

  beforeAll(async () => {
    database = await openPglite("memory");
    await migrate(database);
    store = prismaMetaStore({
      ...database,
      query(sql, args) {
        texts.push(sql);
        return database.query(sql, args);
      },
    });
  });
  afterAll(() => store.close());

  /** What is refused is refused by a code, and leaves no text. */
  function checked(query: ResourceQuery): Pick<HeadQuery, "condition" | "sort"> | undefined {
    try {
      return checkQuery(model, query, limits);
    } catch (error) {
      if (!(error instanceof WeftError)) throw error;
      expect(["QUERY_INVALID", "LIMIT_EXCEEDED"]).toContain(error.code);
      return undefined;
    }
  }

  const askedOf = (query: Partial<HeadQuery>): HeadQuery => {
    return { resourceName, condition: { kind: "and", conditions: [] }, sort: [], limit: 20, ...query };
  };

  async function run(query: Partial<HeadQuery>): Promise<void> {
    const asked = askedOf(query);
    try {
      await store.search(asked);
      await store.count(asked);
    } catch (error) {
      // A pattern that PostgreSQL does not take.
      if (!(error instanceof WeftError)) throw error;
    }
  }

  /** A cursor that somebody forged: decoding lets values through that fit the order. */
  function placeOf(sort: readonly SortKey[], [values, id]: Attack["placed"][number]) {
    const own = sort.map(({ field: { path, type } }, i) =>
      type === "text" ? (values[i] ?? null) : (canonical.get(path)?.[0] ?? null),
    );
    const signature = sort.map(({ field, direction }) => `${field.source}.${field.path} ${field.type} ${direction}`);
    const forged = Buffer.from(JSON.stringify([signature.join(","), own, id])).toString("base64url");
    try {
      return decodeCursor(sort, forged);
    } catch (error) {
      expect(error).toMatchObject({ code: "CURSOR_INVALID" });
      return undefined;
    }
  }

  async function carryOut({ conditions, group, sorts, users, placed, fromEnd, id }: Attack): Promise<void> {
    const query = checked({ conditions: [{ group: { operator: group, conditions } }], sorts, createdBys: users });
    const ordered = checked({ sorts });
    if (query !== undefined) await run({ ...query, fromEnd });
    const sort = ordered?.sort ?? [];
    const [after, before] = placed.map((one) => placeOf(sort, one));
    await run({ ...(query ?? { sort }), ...(after && { after }), ...(before && { before }), fromEnd });
    await store.heads([id]);
    await store.revisions([id]);
    await store.revisionPages([id.replaceAll("\0", "")], { limit: 3 });
    await store.changes({ after: 0, limit: 3, resourceId: id.replaceAll("\0", ""), resourceNames: [resourceName] });
  }

  /** Everything that a text can be made of, from values that break nothing. */
  async function harmlessTokens(): Promise<Set<string>> {
    const harmless: string[] = [];
    const add = (query: Partial<HeadQuery>) => {
      const asked = askedOf(query);
      harmless.push(searchSql(asked).sql, searchSql(asked, true).sql, countSql(asked).sql);
    };
    const paths = [...Object.keys(types), ...metaKeys];
    const values = [
      true,
      1,
      "1",
      "aa",
      "2024-01-01",
      "2024-01-01T00:00:00.000Z",
      ["a", "b"],
      [1, 2],
      { a: 1 },
      [],
      ["a".repeat(300)],
    ];
    const more = ["a".repeat(300), "a".repeat(600), "\u{10ffff}", [true], [false, true], ["1", "2"], false, null];
    const times = [
      ["2024-01-01", "2024-01-02"],
      ["2024-01-01T00:00:00.000Z", "2024-01-02T00:00:00.000Z"],
    ];
    for (const fieldPath of paths) {
      for (const operator of operatorNames) {
        for (const transform of [null, "length"] as const) {
          for (const operand of [...values, ...more, ...times]) {
            const query = checked({ conditions: [{ condition: { fieldPath, operator, value: operand, transform } }] });
            if (query !== undefined) add(query);
            const negated = checked({
              conditions: [
                { group: { operator: "NOT", conditions: [{ condition: { fieldPath, operator, value: operand } }] } },
              ],
            });
            if (negated !== undefined && transform === null && fieldPath === "title") add(negated);
          }
        }
      }
    }
    const orderable = paths.filter((path) => path !== "tags" && path !== "extra");
    for (const path of orderable) {
      for (const direction of ["asc", "desc"] as const) {
        const by = (one: string) =>
          metaKeys.includes(one) ? { meta: { key: one, direction } } : { data: { fieldPath: one, direction } };
        const sort = checked({ sorts: [by(path), by("title"), by("level")] })?.sort ?? [];
        for (const values of [
          ["a", "a", "a"],
          [null, null, null],
        ]) {
          const [after, before] = [placeOf(sort, [values, "a"]), placeOf(sort, [values, "b"])];
          for (const fromEnd of [false, true]) {
            add({ sort, fromEnd, ...(after && { after }) });
            add({ sort, fromEnd, ...(before && { before }), ...(after && { after }) });
          }
        }
      }
    }
    texts = [];
    await carryOut({
      conditions: [],
      group: "OR",
      sorts: [],
      users: ["ada"],
      placed: [],
      fromEnd: false,
      id: "todo:1",
    });
    return new Set([...harmless, ...texts].flatMap(tokensOf));
  }

  it(`hold no input in ${manyAttacks} attacks, nor a word that harmless searches have not`, async () => {
    const harmless = await harmlessTokens();
    const seen = new Set<string>();
    const property = fc.asyncProperty(attack, async (one) => {
      texts = [];
      await carryOut(one);
      for (const text of texts) {
        if (seen.has(text)) continue;
        seen.add(text);
        expect(text).not.toContain(mark);
        expect(text).not.toMatch(/918_?273|9182-07|554637281/);
        expect(tokensOf(text).filter((token) => !harmless.has(token))).toEqual([]);
      }
    });
    await fc.assert(property, { seed, numRuns: manyAttacks });
    expect(seen.size).toBeGreaterThan(manyAttacks / 4);
    const [tables] = await database.query(
      "select to_regclass('weft_head') is not null and to_regclass('weft_change') is not null",
      [],
    );
    expect(tables?.[0]).toBe(true);
  }, 1_800_000);

  it("are not made for a path that the registry does not hold", async () => {
    texts = [];
    const refused = (query: ResourceQuery) => () => checkQuery(model, query, limits);
    const notIndexed = expect.objectContaining({ code: "FIELD_NOT_INDEXED" });
    const property = fc.property(leafAt(strangePath), sortAt(strangePath), (condition, sort) => {
      expect(refused({ conditions: [condition] })).toThrow(notIndexed);
      expect(refused({ dataConditions: [condition] })).toThrow(notIndexed);
      expect(refused({ sorts: [sort] })).toThrow(notIndexed);
    });
    fc.assert(property, { seed, numRuns: manyAttacks });
    expect(texts).toEqual([]);
  });
});
