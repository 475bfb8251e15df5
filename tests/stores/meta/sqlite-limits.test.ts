/** Conditions as large as queries may be (query/limits.ts), against what SQLite takes: 32,766 arguments, expressions 1,000 deep. */
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Condition } from "../../../src/query/condition.ts";
import { sqliteMetaStore } from "../../../src/stores/meta/drivers/sqlite.ts";
import { commitOf, createWrite, seed } from "../../conformance/meta-fixtures.ts";
import { and, by, compare, fields, metaFields, not, or } from "../../conformance/query-fixtures.ts";
import { temporaryDirectory } from "../temporary-directory.ts";

const { title, big, level, extra } = fields;

test("holds ten lists of ten thousand values, and a thousand conditions blind to case", async () => {
  await using temporary = await temporaryDirectory();
  const store = await sqliteMetaStore({ file: join(temporary.path, "meta.db") });
  await seed(store, "a", [
    { indexedData: { title: "x7", big: "7", level: 0.1, extra: { a: 7 } } },
    { indexedData: { title: "ÄÖÜ7", big: "-7", level: 1e21, extra: "7" } },
  ]);
  await store.index("a", [[by(title)], [by(big)], [by(level)]]);
  const found = async (condition: Condition) => {
    const heads = await store.search({ resourceName: "a", condition, sort: [by(title)], limit: 9 });
    expect(await store.count({ resourceName: "a", condition })).toBe(heads.length);
    return heads.map(({ resourceId }) => Number(resourceId.slice(-4))).join(" ");
  };
  const numbers = Array.from({ length: 10_000 }, (_, i) => i);
  const texts = compare(
    title,
    "in",
    numbers.map((i) => `x${i}`),
  );
  const lengthOfTitle = { ...title, type: "number", transform: "length" } as const;
  expect(await found(and(...Array.from({ length: 10 }, () => texts)))).toBe("0");
  expect(await found(not(texts))).toBe("1");
  expect(await found(compare(big, "in", numbers.map(String)))).toBe("0");
  expect(await found(compare(level, "in", [...numbers, 0.1, 1e21]))).toBe("0 1");
  expect(
    await found(
      compare(
        extra,
        "in",
        numbers.map((a) => ({ a })),
      ),
    ),
  ).toBe("0");
  expect(await found(compare(lengthOfTitle, "in", [...numbers, 0.5]))).toBe("0 1");
  expect(await found(compare(lengthOfTitle, "notIn", [2, ...numbers.slice(9)]))).toBe("1");
  expect(await found(compare(metaFields.totalRevisionCount, "in", [1.5, ...numbers]))).toBe("0 1");
  expect(await found(or(...numbers.slice(0, 1000).map((i) => compare(title, "icontains", `äöü${i}`))))).toBe("1");
  // More letters than can be replaced one by one.
  const alphabet = Array.from({ length: 60 }, (_, i) => String.fromCodePoint(0x430 + (i % 32), 0x3b1 + (i % 24)));
  expect(await found(or(compare(title, "icontains", alphabet.join("")), compare(title, "iendsWith", "öü7")))).toBe("1");
  await store.close();
});

test("a commit that cannot be stored fails alone, not those of its batch", async () => {
  await using temporary = await temporaryDirectory();
  const store = await sqliteMetaStore({ file: join(temporary.path, "meta.db") });
  const [good, other] = [createWrite("a", "a:1"), createWrite("a", "a:2")];
  const bad = createWrite("a", "a:3", { at: new Date(Number.NaN) });
  const outcomes = await Promise.allSettled([good, bad, other].map(({ write }) => store.commit(commitOf(write))));
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(await store.heads(["a:1", "a:2", "a:3"])).toEqual([good.head, other.head, undefined]);
  expect(await store.lastSeq()).toBe(2);
  await store.close();
});
