import { beforeAll, describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../src/base/json.ts";
import type { Head } from "../../src/model/resource-meta.ts";
import type { Condition, OperatorName, QueryField, SortKey } from "../../src/query/condition.ts";
import { positionOf } from "../../src/query/sort.ts";
import type { HeadQuery, MetaStore } from "../../src/stores/meta/meta-store.ts";
import {
  commitAll,
  createWrite,
  flagWrite,
  type Known,
  minute,
  purgeWrite,
  seed,
  uniqueName,
  updateWrite,
} from "./meta-fixtures.ts";
import { absent, holding, operatorTable, sortTable } from "./operator-tables.ts";
import { and, by, compare, constant, everything, fields, metaFields, not, nothing, or } from "./query-fixtures.ts";

const { title, city, odd, level, big, isDone, due, day, tags, extra } = fields;

export function metaSearchCases(store: () => MetaStore): void {
  /** Seeds one head per value of the field ("absent" leaves it out) and answers which are found, by position. */
  async function found(field: QueryField, values: readonly (Json | typeof absent)[], conditions: readonly Condition[]) {
    const name = uniqueName("found");
    await seed(
      store(),
      name,
      values.map((value) => ({ indexedData: holding(field, value) })),
    );
    const hits: number[][] = [];
    for (const condition of conditions) {
      const heads = await store().search({ resourceName: name, condition, sort: [], limit: 1000 });
      hits.push(heads.map(({ resourceId }) => Number(resourceId.slice(-4))));
      expect(await store().count({ resourceName: name, condition })).toBe(heads.length);
    }
    return hits;
  }

  describe("operators", () => {
    for (const { field, values, cases } of operatorTable) {
      it(`compares ${nameOf(field)} by ${[...new Set(cases.map(([operator]) => operator))].join(", ")}`, async () => {
        const conditions = cases.map(([operator, operand]) => compare(field, operator, operand));
        expect(await found(field, values, conditions)).toEqual(cases.map(([, , expected]) => expected));
      });
    }

    it("reads a nested path and a name with quotes, backslashes and placeholders as one key", async () => {
      for (const field of [city, odd]) {
        const conditions = [
          compare(field, "eq", "a"),
          compare(field, "startsWith", ""),
          compare(field, "isNull", true),
        ];
        expect(await found(field, ["a", "b", null, absent], conditions)).toEqual([[0], [0, 1], [2]]);
      }
    });

    it("takes SQL in a value as text", async () => {
      const hostile = ["' OR '1'='1", '"; DROP TABLE head; --', "$1", "%", "_", "\\", "?", ":a", "NULL", "{}", "E'x'"];
      for (const operator of [
        "eq",
        "contains",
        "startsWith",
        "endsWith",
        "icontains",
        "istartsWith",
        "iendsWith",
      ] as const) {
        const conditions = hostile.map((value) => compare(title, operator, value));
        expect(await found(title, hostile, conditions)).toEqual(hostile.map((_, i) => [i]));
      }
      const patterns = hostile.map((value) => compare(title, "regex", value.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&")));
      expect(await found(title, hostile, patterns)).toEqual(hostile.map((_, i) => [i]));
      const inAll = await found(
        title,
        [...hostile, "x"],
        [compare(title, "in", hostile), compare(title, "notIn", hostile)],
      );
      expect(inAll).toEqual([hostile.map((_, i) => i), [hostile.length]]);
    });

    it("finds texts far longer than an entry of an index may be, and sorts by them", async () => {
      const name = uniqueName("long");
      await store().index(name, [[by(title)], [by(level), by(title, "desc")]]);
      const long = Array.from({ length: 3000 }, (_, i) => String.fromCodePoint(0x4e00 + ((i * 7919) % 20_000))).join(
        "",
      );
      const texts = [`${long}a`, `${long}B`, "short"];
      const contents = texts.map((text) => ({ indexedData: { title: text, level: 1, tags: [text] } }));
      const known = await seed(store(), name, contents);
      const ids = async (condition: Condition, sort: readonly SortKey[] = []) =>
        (await store().search({ resourceName: name, condition, sort, limit: 10 })).map(({ resourceId }) =>
          Number(resourceId.slice(-4)),
        );
      expect(await ids(compare(title, "eq", `${long}a`))).toEqual([0]);
      expect(await ids(compare(title, "startsWith", long))).toEqual([0, 1]);
      expect(await ids(compare(title, "iendsWith", "b"))).toEqual([1]);
      expect(await ids(compare(tags, "contains", `${long}B`))).toEqual([1]);
      expect(await ids(compare({ ...title, type: "number", transform: "length" }, "eq", 3001))).toEqual([0, 1]);
      expect(await ids(everything, [by(title)])).toEqual([2, 1, 0]);
      expect(await ids(everything, [by(level), by(title, "desc")])).toEqual([0, 1, 2]);
      const [first] = known;
      if (first) await commitAll(store(), updateWrite(first, { indexedData: { title: `${long}${long}` } }).write);
      expect(await ids(compare(title, "eq", `${long}${long}`))).toEqual([0]);
    });

    it("answers unknown for a value that an older model wrote with another type, and does not fail", async () => {
      const mixed: Json[] = ["x", 1, true, ["x"], { x: 1 }, "12", null];
      // What the comparison finds, and where it is known: true or false.
      const cases: [QueryField, OperatorName, Json, number[], number[]][] = [
        [title, "ne", "12", [0], [0, 5]],
        [level, "lt", 100, [1], [1]],
        [big, "lt", "100", [5], [5]],
        [isDone, "ne", false, [2], [2]],
        [day, "in", ["12"], [5], [0, 5]],
        [tags, "contains", "x", [3], [3]],
        [extra, "ne", 1, [0, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5]],
      ];
      const set = [0, 1, 2, 3, 4, 5];
      for (const [field, operator, operand, expected, known] of cases) {
        const condition = compare(field, operator, operand);
        const isKnown = or(condition, not(condition));
        const hits = await found(field, mixed, [
          condition,
          isKnown,
          compare(field, "isNull", false),
          constant(field, true),
        ]);
        expect(hits).toEqual([expected, known, set, set]);
      }
      const times = [1, true, ["x"], { x: 1 }, "2024-01-01T00:00:00.000Z", null];
      expect(await found(due, times, [compare(due, "gt", "2020-01-01T00:00:00.000Z")])).toEqual([[4]]);
    });
  });

  describe("logic", () => {
    it("finds only what is true: a comparison with null or absent is unknown, and so is its negation", async () => {
      const conditions = [
        compare(title, "eq", "a"),
        not(compare(title, "eq", "a")),
        compare(title, "ne", "a"),
        not(compare(title, "ne", "a")),
        not(compare(title, "in", [])),
        not(not(compare(title, "eq", "a"))),
        constant(title, true),
        constant(title, false),
        not(constant(title, false)),
        not(constant(title, true)),
        not(compare(title, "isNull", true)),
        not(compare(title, "isNull", false)),
      ];
      expect(await found(title, ["a", "b", null, absent], conditions)).toEqual([
        ...[[0], [1], [1], [0], [0, 1], [0]],
        ...[[0, 1], [], [0, 1], [], [0, 1], [2]],
      ]);
    });

    it("takes and of nothing as true, or of nothing as false", async () => {
      const isA = compare(title, "eq", "a");
      const conditions = [everything, nothing, not(everything), not(nothing), and(isA, everything), or(isA, nothing)];
      expect(await found(title, ["a", null], conditions)).toEqual([[0, 1], [], [], [0, 1], [0], [0]]);
    });

    it("lets false win over unknown in and, true in or", async () => {
      const [isTrue, isFalse] = [compare(title, "eq", "a"), compare(title, "ne", "a")];
      const unknown = compare(level, "eq", 1);
      const conditions = [
        and(isTrue, unknown),
        not(and(isTrue, unknown)),
        and(isFalse, unknown),
        not(and(isFalse, unknown)),
        or(isTrue, unknown),
        or(isFalse, unknown),
        not(or(isFalse, unknown)),
        or(unknown, isTrue),
        not(and(unknown, isFalse)),
        and(not(and(unknown, isFalse)), or(unknown, isTrue)),
      ];
      expect(await found(title, ["a"], conditions)).toEqual([[], [], [], [0], [0], [], [], [0], [0], [0]]);
    });

    it("holds a thousand conditions, and sixty levels of groups", async () => {
      const wide = or(...Array.from({ length: 999 }, (_, i) => compare(title, "eq", `t${i}`)));
      let deep: Condition = compare(title, "eq", "t7");
      for (let i = 0; i < 60; i++)
        deep = i % 3 === 0 ? not(deep) : i % 3 === 1 ? and(deep, everything) : or(nothing, deep);
      expect(await found(title, ["t7", "x"], [wide, deep])).toEqual([[0], [0]]);
    });
  });

  describe("meta fields", () => {
    const name = uniqueName("meta");
    const found = async (condition: Condition): Promise<string> => {
      const heads = await store().search({ resourceName: name, condition, sort: [], limit: 10 });
      return heads.map(({ resourceId }) => resourceId.slice(-1)).join("");
    };

    beforeAll(async () => {
      const [a, b, c] = [
        createWrite(name, `${name}:a`, { by: "ada", at: minute(1), schemaVersion: "v1" }),
        createWrite(name, `${name}:b`, { by: "Bob", at: minute(2) }),
        createWrite(name, `${name}:c`, { by: "böb", at: new Date(minute(3).getTime() + 5) }),
      ] as const;
      await commitAll(store(), a.write, b.write, c.write);
      await commitAll(
        store(),
        flagWrite(c, true, { by: "ada", at: minute(9) }).write,
        updateWrite(b, { by: "ada" }).write,
      );
    });

    it("compares ids, authors, versions and counts", async () => {
      const { resourceId, currentRevisionId, createdBy, updatedBy, schemaVersion, totalRevisionCount } = metaFields;
      expect(await found(compare(resourceId, "eq", `${name}:b`))).toBe("b");
      expect(await found(compare(resourceId, "gt", `${name}:a`))).toBe("bc");
      expect(await found(compare(currentRevisionId, "in", [`${name}:b:1`, `${name}:b:2`, `${name}:c:1`]))).toBe("bc");
      expect(await found(compare(createdBy, "contains", "b"))).toBe("bc");
      expect(await found(compare(createdBy, "lt", "a"))).toBe("b");
      expect(await found(compare(updatedBy, "ne", "ada"))).toBe("");
      expect(await found(compare(createdBy, "isNull", false))).toBe("abc");
      expect(await found(compare(createdBy, "isNull", true))).toBe("");
      expect(await found(compare(schemaVersion, "isNull", true))).toBe("bc");
      expect(await found(compare(schemaVersion, "ne", "v2"))).toBe("a");
      expect(await found(constant(schemaVersion, true))).toBe("a");
      expect(await found(compare(totalRevisionCount, "gte", 1.5))).toBe("b");
      expect(await found(compare(totalRevisionCount, "notIn", [2, 1e21, -0.5]))).toBe("ac");
    });

    it("knows case, length and presence of meta", async () => {
      const { createdBy, createdTime, isDeleted, resourceId, schemaVersion, totalRevisionCount } = metaFields;
      const lengthOf = (field: QueryField): QueryField => ({ ...field, type: "number", transform: "length" });
      expect(await found(compare(createdBy, "icontains", "BÖ"))).toBe("c");
      expect(await found(compare(createdBy, "istartsWith", "B"))).toBe("bc");
      expect(await found(compare(createdBy, "iendsWith", "B"))).toBe("bc");
      expect(await found(compare(createdBy, "endsWith", "b"))).toBe("bc");
      expect(await found(compare(createdBy, "regex", "^.{3}$"))).toBe("abc");
      expect(await found(compare(resourceId, "endsWith", ":b"))).toBe("b");
      expect(
        await found(compare(createdTime, "between", ["2024-01-01T12:01:00.0001Z", "2024-01-01T12:02:00.000Z"])),
      ).toBe("b");
      expect(await found(compare(schemaVersion, "exists", true))).toBe("abc");
      expect(await found(compare(schemaVersion, "exists", false))).toBe("");
      expect(await found(compare(schemaVersion, "isna", true))).toBe("bc");
      expect(await found(compare(schemaVersion, "isna", false))).toBe("a");
      expect(await found(compare(createdTime, "exists", true))).toBe("abc");
      expect(await found(compare(lengthOf(createdBy), "eq", 3))).toBe("abc");
      expect(await found(compare(lengthOf(schemaVersion), "lt", 9))).toBe("a");
      for (const field of [isDeleted, createdTime, totalRevisionCount].map(lengthOf)) {
        for (const condition of [
          compare(field, "gte", 0),
          compare(field, "exists", true),
          compare(field, "isna", true),
          compare(field, "isNull", true),
          compare(field, "notIn", []),
          constant(field, true),
        ]) {
          expect(await found(or(condition, not(condition)))).toBe("");
        }
      }
    });

    it("compares times by instant, finer than they are kept", async () => {
      const { createdTime, updatedTime } = metaFields;
      const [second, third] = ["2024-01-01T12:02:00.000Z", "2024-01-01T12:03:00.005Z"];
      expect(await found(compare(createdTime, "eq", third))).toBe("c");
      expect(await found(compare(createdTime, "eq", "2024-01-01T12:03:00.0050001Z"))).toBe("");
      expect(await found(compare(createdTime, "lt", "2024-01-01T12:03:00.0050001Z"))).toBe("abc");
      expect(await found(compare(createdTime, "gt", "2024-01-01T12:03:00.0049999Z"))).toBe("c");
      expect(await found(compare(createdTime, "lte", second))).toBe("ab");
      expect(await found(compare(createdTime, "notIn", [second, "0001-01-01T00:00:00.000Z"]))).toBe("ac");
      expect(await found(compare(createdTime, "gt", "0000-01-01T00:00:00.000Z"))).toBe("abc");
      expect(await found(compare(updatedTime, "gt", "9999-12-31T23:59:59.999999999Z"))).toBe("");
    });

    it("tells the deleted from the living, and shows both unless asked", async () => {
      expect(await found(compare(metaFields.isDeleted, "eq", true))).toBe("c");
      expect(await found(compare(metaFields.isDeleted, "eq", false))).toBe("ab");
      expect(await found(everything)).toBe("abc");
    });
  });

  it("searches one resource name only, and the current state only", async () => {
    const [name, other] = [uniqueName("mine"), uniqueName("mine")];
    const [known] = (await seed(store(), name, [{ indexedData: { title: "old" } }])) as [Known];
    await seed(store(), other, [{ indexedData: { title: "new" } }]);
    const updated = updateWrite(known, { indexedData: { title: "new" } });
    await commitAll(store(), updated.write);
    const search = (resourceName: string, value: string) =>
      store().search({ resourceName, condition: compare(title, "eq", value), sort: [], limit: 10 });
    expect(await search(name, "new")).toEqual([updated.head]);
    expect(await search(name, "old")).toEqual([]);
    expect(await search(uniqueName("none"), "new")).toEqual([]);
  });

  describe("order", () => {
    const sorted = async (sort: readonly SortKey[], contents: readonly JsonObject[]): Promise<number[]> => {
      const name = uniqueName("sorted");
      await seed(
        store(),
        name,
        contents.map((indexedData) => ({ indexedData })),
      );
      const heads = await store().search({ resourceName: name, condition: everything, sort, limit: 1000 });
      return heads.map(({ resourceId }) => Number(resourceId.slice(-4)));
    };

    it("is by resourceId where nothing else is asked", async () => {
      const name = uniqueName("ids");
      const ids = ["b", "a", "B", "A", "_", "-", "~", ".", "10", "9"].map((unique) => `${name}:${unique}`);
      await commitAll(store(), ...ids.map((id) => createWrite(name, id).write));
      const heads = await store().search({ resourceName: name, condition: everything, sort: [], limit: 100 });
      expect(heads.map(({ resourceId }) => resourceId)).toEqual([...ids].sort());
    });

    for (const [field, ascending] of sortTable) {
      it(`of ${field.type} is by value, nulls last ascending and first descending, ties by id ascending`, async () => {
        // Written back to front, with a tie, an absent value and a null: their ids are 0 and 1, the tie's last and first.
        const values: (Json | typeof absent)[] = [absent, null, ...[...ascending].reverse(), ascending[0] ?? null];
        const contents = values.map((value) => holding(field, value));
        const forward = ascending.map((_, i) => ascending.length + 1 - i);
        const [least = 0, ...rest] = forward;
        const tie = values.length - 1;
        expect(await sorted([by(field)], contents)).toEqual([least, tie, ...rest, 0, 1]);
        expect(await sorted([by(field, "desc")], contents)).toEqual([0, 1, ...[...rest].reverse(), least, tie]);
      });
    }

    it("takes several keys in turn", async () => {
      const contents = [
        { title: "b", level: 1 },
        { title: "a", level: 1 },
        { title: "a", level: 2 },
        { level: 9 },
        { title: "b", level: null },
      ];
      expect(await sorted([by(title), by(level, "desc")], contents)).toEqual([2, 1, 4, 0, 3]);
      expect(await sorted([by(level), by(title, "desc")], contents)).toEqual([0, 1, 2, 3, 4]);
      expect(await sorted([by(metaFields.isDeleted), by(metaFields.resourceId, "desc")], contents)).toEqual([
        4, 3, 2, 1, 0,
      ]);
    });

    it("sorts a value of another type, left by an older model, as null", async () => {
      const contents: JsonObject[] = [{ level: "9" }, { level: 2 }, { level: [1] }, { level: 1 }, { level: null }];
      expect(await sorted([by(level)], contents)).toEqual([3, 1, 0, 2, 4]);
      expect(await sorted([by(big)], [{ big: "no" }, { big: "12" }, { big: 3 }, { big: "9" }])).toEqual([3, 1, 0, 2]);
    });
  });

  describe("pages", () => {
    const name = uniqueName("paged");
    const sort = [by(level, "desc"), by(title)];
    const page = async (query: Partial<HeadQuery>): Promise<string> => {
      const heads = await store().search({ resourceName: name, condition: everything, sort, limit: 100, ...query });
      return heads.map(({ resourceId }) => Number(resourceId.slice(-4))).join(" ");
    };
    const positions = async (keys: readonly SortKey[] = sort) =>
      (await store().search({ resourceName: name, condition: everything, sort: keys, limit: 100 })).map((head) =>
        positionOf(keys, head),
      );

    beforeAll(async () => {
      const levels: (number | null | typeof absent)[] = [3, 1, null, 2, 3, absent, 1, 3, null, 2];
      const titles: (string | null | typeof absent)[] = ["c", "a", "b", absent, "c", "a", null, "b", "b", "a"];
      const contents = levels.map((l, i) => ({ ...holding(level, l), ...holding(title, titles[i] ?? absent) }));
      await seed(
        store(),
        name,
        contents.map((indexedData) => ({ indexedData })),
      );
    });

    it("takes limit and offset from the beginning or from the end, always in the order of sort", async () => {
      expect(await page({})).toBe("5 2 8 7 0 4 9 3 1 6");
      expect(await page({ limit: 3 })).toBe("5 2 8");
      expect(await page({ limit: 3, offset: 4 })).toBe("0 4 9");
      expect(await page({ limit: 3, offset: 8 })).toBe("1 6");
      expect(await page({ limit: 3, offset: 80 })).toBe("");
      expect(await page({ limit: 0 })).toBe("");
      expect(await page({ limit: 0, fromEnd: true })).toBe("");
      expect(await page({ limit: 3, fromEnd: true })).toBe("3 1 6");
      expect(await page({ limit: 3, offset: 2, fromEnd: true })).toBe("4 9 3");
      expect(await page({ limit: 100, fromEnd: true })).toBe("5 2 8 7 0 4 9 3 1 6");
    });

    it("begins strictly behind a position and ends strictly before one, nulls included", async () => {
      const all = (await page({})).split(" ");
      for (const [i, position] of (await positions()).entries()) {
        expect(await page({ after: position })).toBe(all.slice(i + 1).join(" "));
        expect(await page({ before: position })).toBe(all.slice(0, i).join(" "));
        expect(await page({ after: position, limit: 2 })).toBe(all.slice(i + 1, i + 3).join(" "));
        expect(await page({ before: position, limit: 2, fromEnd: true })).toBe(
          all.slice(Math.max(0, i - 2), i).join(" "),
        );
      }
    });

    it("knows a position whose head is gone, or never was", async () => {
      const position = { values: [3, "b"], resourceId: `${name}:0008` };
      expect(await page({ after: position })).toBe("0 4 9 3 1 6");
      expect(await page({ before: position })).toBe("5 2 8 7");
      expect(await page({ after: { values: [2.5, null], resourceId: "" } })).toBe("9 3 1 6");
      const [after, before] = [
        { values: [null, "b"], resourceId: "" },
        { values: [2, "b"], resourceId: "zzz" },
      ];
      expect(await page({ after, before })).toBe("2 8 7 0 4 9");
      expect(await page({ after: before, before: after })).toBe("");
    });

    it("walks every order in both directions without loss or repetition", async () => {
      const orders = [
        [],
        [by(level)],
        [by(title, "desc")],
        [by(title), by(level)],
        [by(metaFields.createdTime, "desc")],
      ];
      for (const keys of orders) {
        const all = (await positions(keys)).map(({ resourceId }) => resourceId);
        const walked: string[] = [];
        for (const step of ["after", "before"] as const) {
          let position: HeadQuery["after"];
          for (;;) {
            const fromEnd = step === "before";
            const place = position === undefined ? {} : { [step]: position };
            const query = { resourceName: name, condition: everything, sort: keys, limit: 3, fromEnd, ...place };
            const heads = await store().search(query);
            const edge = heads.at(fromEnd ? 0 : -1);
            if (edge === undefined) break;
            position = positionOf(keys, edge);
            walked.push(...(fromEnd ? heads.reverse() : heads).map(({ resourceId }) => resourceId));
          }
        }
        expect(walked).toEqual([...all, ...[...all].reverse()]);
      }
    });

    for (const fromEnd of [false, true]) {
      it(`walks ${fromEnd ? "backwards" : "forwards"} while rows come and go: what stays is seen once, what comes ahead too`, async () => {
        const moving = uniqueName("moving");
        const create = (id: string, l: number | null, t: string) =>
          createWrite(moving, `${moving}:${id}`, { indexedData: { level: l, title: t } });
        const start = Array.from({ length: 24 }, (_, i) =>
          create(`m${i}`, [3, 1, null, 2][i % 4] ?? null, `t${i % 3}`),
        );
        await commitAll(store(), ...start.map(({ write }) => write));
        const seen: string[] = [];
        const ahead: string[] = [];
        let edge: Head | undefined;
        for (let turn = 0; ; turn++) {
          const place = edge && { [fromEnd ? "before" : "after"]: positionOf(sort, edge) };
          const query = { resourceName: moving, condition: everything, sort, limit: 4, fromEnd, ...place };
          const heads = await store().search(query);
          if (heads.length === 0) break;
          seen.push(...(fromEnd ? heads.reverse() : heads).map(({ resourceId }) => resourceId));
          edge = heads.at(-1);
          if (edge === undefined || turn > 5) continue;
          const { level: l, title: t } = edge.indexedData as { level: number | null; title: string };
          // Ties of the edge by all keys, on both of its sides; rows far behind and far ahead; and the edge itself goes.
          const [below, above] = [create(`a${turn}`, l, t), create(`z${turn}`, l, t)];
          const [first, last] = [create(`first${turn}`, null, ""), create(`last${turn}`, -9, "z")];
          await commitAll(
            store(),
            ...[below, above, first, last].map(({ write }) => write),
            purgeWrite({ head: edge }),
          );
          ahead.push(...(fromEnd ? [below, first] : [above, last]).map(({ head }) => head.resourceId));
        }
        expect(new Set(seen).size).toBe(seen.length);
        expect([...seen].sort()).toEqual([...start.map(({ head }) => head.resourceId), ...ahead].sort());
      });
    }

    it("counts all that satisfy a condition, whatever the page", async () => {
      expect(await store().count({ resourceName: name, condition: compare(level, "gte", 2) })).toBe(5);
      expect(await store().count({ resourceName: uniqueName("none"), condition: everything })).toBe(0);
    });
  });
}

function nameOf({ type, transform, path }: QueryField): string {
  return transform === undefined ? type : `the ${transform} of ${path}`;
}
