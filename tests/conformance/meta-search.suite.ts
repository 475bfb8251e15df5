import { beforeAll, describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../src/base/json.ts";
import type { Condition, OperatorName, QueryField, SortKey } from "../../src/query/condition.ts";
import { positionOf } from "../../src/query/sort.ts";
import type { HeadQuery, MetaStore } from "../../src/stores/meta/meta-store.ts";
import {
  commitAll,
  createWrite,
  flagWrite,
  type Known,
  minute,
  seed,
  uniqueName,
  updateWrite,
} from "./meta-fixtures.ts";
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
      it(`compares ${field.type} by ${[...new Set(cases.map(([operator]) => operator))].join(", ")}`, async () => {
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
      for (const operator of ["eq", "contains", "startsWith"] as const) {
        const conditions = hostile.map((value) => compare(title, operator, value));
        expect(await found(title, hostile, conditions)).toEqual(hostile.map((_, i) => [i]));
      }
      const inAll = await found(
        title,
        [...hostile, "x"],
        [compare(title, "in", hostile), compare(title, "notIn", hostile)],
      );
      expect(inAll).toEqual([hostile.map((_, i) => i), [hostile.length]]);
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

    it("counts all that satisfy a condition, whatever the page", async () => {
      expect(await store().count({ resourceName: name, condition: compare(level, "gte", 2) })).toBe(5);
      expect(await store().count({ resourceName: uniqueName("none"), condition: everything })).toBe(0);
    });
  });
}

const absent: unique symbol = Symbol("absent");

function holding(field: QueryField, value: Json | typeof absent): JsonObject {
  return value === absent ? {} : { [field.path]: value };
}

const texts = ["", "a", "A", "ab", "b%c", "b_c", "bxc", "é", "e\u0301", "ﾡ", "🦋", "z"];
const times = [
  "2024-01-01T00:00:00.000Z",
  "2024-01-01T00:00:00.123Z",
  "2024-01-01T00:00:00.123456Z",
  "2024-01-01T00:00:00.124Z",
];
const bigs = [
  "-9007199254740993",
  "-1",
  "0",
  "9",
  "10",
  "9007199254740992",
  "9007199254740993",
  "123456789012345678901234567890",
];
const lists: Json[] = [[], ["a"], ["a", "b"], ["b", "a"], [1, null], [[1], { k: 1, l: [2] }], ["A"], ["ab"]];

interface OperatorCases {
  readonly field: QueryField;
  readonly values: readonly (Json | typeof absent)[];
  /** Operator, operand, positions of the values found. A null and an absent value stand behind `values`. */
  readonly cases: readonly (readonly [OperatorName, Json, readonly number[]])[];
}

const [t0 = "", t1 = "", t2 = "", t3 = ""] = times;

const operatorTable: readonly OperatorCases[] = [
  {
    field: title,
    values: [...texts, null, absent],
    cases: [
      ["eq", "a", [1]],
      ["eq", "", [0]],
      ["eq", "é", [7]],
      ["ne", "a", [0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
      ["gt", "z", [7, 9, 10]],
      ["gt", "ﾡ", [10]],
      ["gte", "ﾡ", [9, 10]],
      ["lt", "a", [0, 2]],
      ["lte", "a", [0, 1, 2]],
      ["in", ["a", "🦋", "nope"], [1, 10]],
      ["in", [], []],
      ["notIn", ["a", "ab", "", "A"], [4, 5, 6, 7, 8, 9, 10, 11]],
      ["notIn", [], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
      ["contains", "", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
      ["contains", "%", [4]],
      ["contains", "_", [5]],
      ["contains", "b", [3, 4, 5, 6]],
      ["contains", "B", []],
      ["contains", "🦋", [10]],
      ["contains", "\u0301", [8]],
      ["startsWith", "a", [1, 3]],
      ["startsWith", "b_", [5]],
      ["startsWith", "b%", [4]],
      ["startsWith", "e", [8]],
      ["startsWith", "", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
      ["isNull", true, [12]],
      ["isNull", false, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
    ],
  },
  {
    field: level,
    values: [-1.5, -0, 0.1, 1, 1.0, 3, 1e21, 5e-324, 1.7976931348623157e308, null, absent],
    cases: [
      ["eq", 1, [3, 4]],
      ["eq", 0, [1]],
      ["eq", -0, [1]],
      ["eq", 0.1, [2]],
      ["eq", 1e21, [6]],
      ["eq", 5e-324, [7]],
      ["eq", 1.7976931348623157e308, [8]],
      ["ne", 1, [0, 1, 2, 5, 6, 7, 8]],
      ["gt", 1, [5, 6, 8]],
      ["gte", 1, [3, 4, 5, 6, 8]],
      ["lt", 0, [0]],
      ["lt", 5e-324, [0, 1]],
      ["lte", 0, [0, 1]],
      ["gt", -1e308, [0, 1, 2, 3, 4, 5, 6, 7, 8]],
      ["in", [3, -1.5, 77], [0, 5]],
      ["in", [], []],
      ["notIn", [3, -1.5, 1], [1, 2, 6, 7, 8]],
      ["notIn", [], [0, 1, 2, 3, 4, 5, 6, 7, 8]],
      ["isNull", true, [9]],
      ["isNull", false, [0, 1, 2, 3, 4, 5, 6, 7, 8]],
    ],
  },
  {
    field: big,
    values: [...bigs, null, absent],
    cases: [
      ["eq", "9007199254740993", [6]],
      ["ne", "9007199254740993", [0, 1, 2, 3, 4, 5, 7]],
      ["gt", "9", [4, 5, 6, 7]],
      ["gte", "9007199254740993", [6, 7]],
      ["lt", "-1", [0]],
      ["lte", "0", [0, 1, 2]],
      ["in", ["10", "-1", "11"], [1, 4]],
      ["in", [], []],
      ["notIn", ["10", "-1"], [0, 2, 3, 5, 6, 7]],
      ["isNull", true, [8]],
    ],
  },
  {
    field: isDone,
    values: [true, false, null, absent],
    cases: [
      ["eq", true, [0]],
      ["ne", true, [1]],
      ["gt", false, [0]],
      ["gte", false, [0, 1]],
      ["lt", true, [1]],
      ["lte", false, [1]],
      ["in", [true, false], [0, 1]],
      ["notIn", [true], [1]],
      ["isNull", true, [2]],
      ["isNull", false, [0, 1]],
    ],
  },
  {
    field: due,
    values: [...times, null, absent],
    cases: [
      ["eq", t1, [1]],
      ["ne", t1, [0, 2, 3]],
      ["gt", t1, [2, 3]],
      ["gte", t2, [2, 3]],
      ["lt", t2, [0, 1]],
      ["lte", t2, [0, 1, 2]],
      ["gt", "2024-01-01T00:00:00.1234Z", [2, 3]],
      ["in", [t0, t3], [0, 3]],
      ["notIn", [t0, t3], [1, 2]],
      ["isNull", true, [4]],
    ],
  },
  {
    field: day,
    values: ["2023-12-31", "2024-01-01", "2024-02-29", null, absent],
    cases: [
      ["eq", "2024-01-01", [1]],
      ["ne", "2024-01-01", [0, 2]],
      ["gt", "2023-12-31", [1, 2]],
      ["gte", "2024-02-29", [2]],
      ["lt", "2024-01-01", [0]],
      ["lte", "2024-01-01", [0, 1]],
      ["in", ["2024-02-29"], [2]],
      ["notIn", ["2024-02-29"], [0, 1]],
      ["isNull", false, [0, 1, 2]],
    ],
  },
  {
    field: tags,
    values: [...lists, null, absent],
    cases: [
      ["eq", ["a", "b"], [2]],
      ["eq", [], [0]],
      ["eq", [1.0, null], [4]],
      ["ne", ["a"], [0, 2, 3, 4, 5, 6, 7]],
      ["contains", "a", [1, 2, 3]],
      ["contains", 1, [4]],
      ["contains", [1], [5]],
      ["contains", { l: [2], k: 1 }, [5]],
      ["contains", { k: 1 }, []],
      ["contains", "1", []],
      ["contains", '", "', []],
      ["in", [["a"], []], [0, 1]],
      ["in", [], []],
      ["notIn", [["a"], []], [2, 3, 4, 5, 6, 7]],
      ["isNull", true, [8]],
    ],
  },
  {
    field: extra,
    values: [{ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 }, {}, [], "text", 0, false, { a: null }, null, absent],
    cases: [
      ["eq", { a: 1, b: [1, 2] }, [0, 1]],
      ["eq", {}, [2]],
      ["eq", { a: null }, [7]],
      ["eq", "text", [4]],
      ["eq", 0, [5]],
      ["ne", {}, [0, 1, 3, 4, 5, 6, 7]],
      ["in", [{}, "text", false], [2, 4, 6]],
      ["notIn", [{}, "text", false, []], [0, 1, 5, 7]],
      ["isNull", true, [8]],
      ["isNull", false, [0, 1, 2, 3, 4, 5, 6, 7]],
    ],
  },
];

/** Values in ascending order, no two equal. */
const sortTable: readonly (readonly [QueryField, readonly Json[]])[] = [
  [title, ["", "A", "B", "a", "a ", "ab", "b", "e\u0301", "é", "漢", "ﾡ", "🦋"]],
  [level, [-1e308, -2, -1.5, 0, 5e-324, 0.1, 1, 2, 10, 1e21]],
  [big, ["-9007199254740993", "-10", "-9", "0", "9", "10", "9007199254740993"]],
  [isDone, [false, true]],
  [due, times],
  [day, ["1999-12-31", "2024-02-29", "2024-03-01"]],
];
