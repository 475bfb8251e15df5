/** What a commit rests on besides the heads that it writes over: each kind true and false, alone and mixed. Races are in meta-proviso-races.suite.ts. */
import { describe, expect, it } from "vitest";
import type { CommitOutcome, HeadWrite, MetaStore, Proviso } from "../../src/stores/meta/meta-store.ts";
import {
  commitAll,
  commitOf,
  createWrite,
  flagWrite,
  type Known,
  purgeWrite,
  seed,
  uniqueName,
  updateWrite,
} from "./meta-fixtures.ts";
import { holding, operatorTable } from "./operator-tables.ts";
import { and, compare, constant, everything, fields, metaFields, not, nothing, or } from "./query-fixtures.ts";

type None = Extract<Proviso, { readonly kind: "none" }>;

export function none(resourceName: string, condition: None["condition"], except?: readonly string[]): None {
  return { kind: "none", resourceName, condition, ...(except && { except }) };
}

export function unchanged({ head }: Pick<Known, "head">, etag: string | null = head.etag): Proviso {
  return { kind: "unchanged", resourceId: head.resourceId, etag };
}

/** Living ones that have the title. */
export function titled(title: string): None["condition"] {
  return and(compare(fields.title, "eq", title), compare(metaFields.isDeleted, "eq", false));
}

export function commitIf(
  store: MetaStore,
  writes: readonly HeadWrite[],
  ...provisos: readonly Proviso[]
): Promise<CommitOutcome> {
  return store.commit({ ...commitOf(...writes), provisos });
}

export function violated(...violations: readonly (readonly [number, readonly string[]])[]): CommitOutcome {
  return { isCommitted: false, conflicts: new Map(), violations: new Map(violations) };
}

/** @param expected all ids that violate each proviso, in their order: ten of them are answered where there are more */
export function expectViolated(
  outcome: CommitOutcome,
  expected: readonly (readonly [number, readonly string[]])[],
): void {
  if (outcome.isCommitted) throw new Error("It was committed.");
  const answered = expected.map(([place, ids]) => {
    const found = outcome.violations.get(place) ?? [];
    const among = ids.filter((id) => found.includes(id));
    return [place, ids.length > 10 && among.length === 10 ? among : ids] as const;
  });
  expect(outcome).toEqual(violated(...answered));
}

function conflicting(...known: readonly Pick<Known, "head">[]): CommitOutcome {
  const conflicts = new Map(known.map(({ head }) => [head.resourceId, head]));
  return { isCommitted: false, conflicts, violations: new Map() };
}

const done = expect.objectContaining({ isCommitted: true });

export function metaProvisoCases(store: () => MetaStore): void {
  describe("unchanged", () => unchangedCases(store));
  describe("none", () => noneCases(store));
  describe("none, behind the commit's own writes", () => ownWritesCases(store));
  describe("all together", () => mixedCases(store));
  describe("hostile", () => hostileCases(store));
}

function unchangedCases(store: () => MetaStore): void {
  it("commits where a resource that is not written has the etag still", async () => {
    const name = uniqueName("unchanged");
    const [known] = (await seed(store(), name, [{}])) as [Known];
    const seq = await store().lastSeq();
    const created = createWrite(name, `${name}:new`);
    expect(await commitIf(store(), [created.write], unchanged(known))).toMatchObject({
      isCommitted: true,
      changes: [{ seq: seq + 1, head: created.head }],
    });
    expect(await store().heads([`${name}:new`, known.head.resourceId])).toEqual([created.head, known.head]);
  });

  it("refuses with its current head where it has not, and writes nothing", async () => {
    const name = uniqueName("unchanged");
    const [known] = (await seed(store(), name, [{}])) as [Known];
    const updated = updateWrite(known);
    await commitAll(store(), updated.write);
    const seq = await store().lastSeq();
    const { write } = createWrite(name, `${name}:new`);
    expect(await commitIf(store(), [write], unchanged(known))).toEqual(conflicting(updated));
    expect(await commitIf(store(), [write], unchanged(known, null))).toEqual(conflicting(updated));
    expect(await store().heads([`${name}:new`])).toEqual([undefined]);
    expect(await store().lastSeq()).toBe(seq);
  });

  it("means by null that there is none: neither before the first life nor after a purge", async () => {
    const name = uniqueName("unchanged");
    const [known, other] = (await seed(store(), name, [{}, {}])) as [Known, Known];
    const missing = createWrite(name, `${name}:missing`);
    const { write } = createWrite(name, `${name}:new`);
    expect(await commitIf(store(), [write], unchanged(missing))).toEqual({
      isCommitted: false,
      conflicts: new Map([[missing.head.resourceId, null]]),
      violations: new Map(),
    });
    expect(await commitIf(store(), [write], unchanged(missing, null))).toEqual(done);
    await commitAll(store(), purgeWrite(known));
    expect(await commitIf(store(), [updateWrite(other).write], unchanged(known, null))).toEqual(done);
  });

  it("names every resource that differs, written or not", async () => {
    const name = uniqueName("unchanged");
    const [a, b, c] = (await seed(store(), name, [{}, {}, {}])) as [Known, Known, Known];
    const newer = [updateWrite(a), flagWrite(b, true)] as const;
    await commitAll(store(), ...newer.map(({ write }) => write));
    const writes = [createWrite(name, `${name}:new`).write, updateWrite(a).write];
    expect(await commitIf(store(), writes, unchanged(c), unchanged(b))).toEqual(conflicting(...newer));
  });

  it("is about the state before, where the commit writes the resource itself", async () => {
    const name = uniqueName("unchanged");
    const [known] = (await seed(store(), name, [{}])) as [Known];
    const updated = updateWrite(known);
    expect(await commitIf(store(), [updated.write], unchanged(known))).toEqual(done);
    expect(await commitIf(store(), [updateWrite(updated).write], unchanged(known))).toEqual(conflicting(updated));
  });
}

function noneCases(store: () => MetaStore): void {
  it("commits where no head of the name satisfies the condition, and refuses with their ids where some do", async () => {
    const name = uniqueName("none");
    await seed(store(), name, [{ indexedData: { title: "a" } }, { indexedData: { title: "b" } }]);
    const seq = await store().lastSeq();
    const { write } = createWrite(uniqueName("other"), uniqueName("other:1"));
    expect(await commitIf(store(), [write], none(name, titled("b")))).toEqual(violated([0, [`${name}:0001`]]));
    expect(await store().heads([write.resourceId])).toEqual([undefined]);
    expect(await store().revisionPages([write.resourceId], { limit: 9 })).toEqual([[]]);
    expect(await store().lastSeq()).toBe(seq);
    expect(await commitIf(store(), [write], none(name, titled("c")))).toEqual(done);
    expect(await store().lastSeq()).toBe(seq + 1);
  });

  it("looks at one resource name only, and at deleted heads unless the condition says otherwise", async () => {
    const name = uniqueName("none");
    const [known] = (await seed(store(), name, [{ indexedData: { title: "a" } }])) as [Known];
    await commitAll(store(), flagWrite(known, true).write);
    const create = (i: number) => [createWrite(name, `${name}:new${i}`).write];
    expect(await commitIf(store(), create(1), none(name, titled("a")))).toEqual(done);
    expect(await commitIf(store(), create(2), none(`${name}x`, everything))).toEqual(done);
    const anyA = compare(fields.title, "eq", "a");
    expect(await commitIf(store(), create(3), none(name, anyA))).toEqual(violated([0, [known.head.resourceId]]));
  });

  it("does not count what it excepts", async () => {
    const name = uniqueName("except");
    const known = await seed(
      store(),
      name,
      [1, 2, 3].map(() => ({ indexedData: { title: "a" } })),
    );
    const [a = "", b = "", c = ""] = known.map(({ head }) => head.resourceId);
    const { write } = createWrite(name, `${name}:new`);
    const isA = titled("a");
    expect(await commitIf(store(), [write], none(name, isA, [b]))).toEqual(violated([0, [a, c]]));
    expect(await commitIf(store(), [write], none(name, isA, [a, c, "nobody:1"]))).toEqual(violated([0, [b]]));
    expect(await commitIf(store(), [write], none(name, isA, []))).toEqual(violated([0, [a, b, c]]));
    expect(await commitIf(store(), [write], none(name, isA, [c, b, a]))).toEqual(done);
  });

  it("answers ten of the ids where there are more, in their order", async () => {
    const name = uniqueName("many");
    const known = await seed(
      store(),
      name,
      Array.from({ length: 23 }, () => ({ indexedData: { title: "a" } })),
    );
    const ids = known.map(({ head }) => head.resourceId);
    const { write } = createWrite(name, `${name}:new`);
    const except = ids.slice(2, 5);
    const others = ids.filter((id) => !except.includes(id));
    expectViolated(await commitIf(store(), [write], none(name, titled("a"), except)), [[0, others]]);
  });

  it("finds by each operator what a search finds", async () => {
    for (const { field, values, cases } of operatorTable) {
      const name = uniqueName("operators");
      const known = await seed(
        store(),
        name,
        values.map((value) => ({ indexedData: holding(field, value) })),
      );
      const ids = known.map(({ head }) => head.resourceId);
      const provisos = cases.map(([operator, operand]) => none(name, compare(field, operator, operand)));
      const expected = cases.flatMap(([, , found], i) => {
        return found.length === 0 ? [] : [[i, found.map((place) => ids[place] ?? "").sort()] as const];
      });
      expectViolated(await commitIf(store(), [], ...provisos), expected);
    }
  });

  it("takes conditions that hold always, never, and by what is unknown", async () => {
    const name = uniqueName("logic");
    const [known] = (await seed(store(), name, [{ indexedData: { title: "a", level: null } }])) as [Known];
    const id = known.head.resourceId;
    const provisos = [
      none(name, everything),
      none(name, nothing),
      none(name, not(nothing)),
      none(name, constant(fields.title, true)),
      none(name, constant(fields.level, true)),
      none(name, not(compare(fields.level, "eq", 1))),
      none(name, or(compare(fields.level, "eq", 1), compare(fields.title, "regex", "^[a-c]$"))),
      none(name, compare(fields.title, "icontains", "A")),
    ];
    const found = [0, 2, 3, 6, 7].map((place) => [place, [id]] as const);
    expect(await commitIf(store(), [], ...provisos)).toEqual(violated(...found));
  });
}

function ownWritesCases(store: () => MetaStore): void {
  const contents = { indexedData: { title: "a" } };

  it("finds what the commit itself creates or makes so", async () => {
    const name = uniqueName("own");
    const [known] = (await seed(store(), name, [{ indexedData: { title: "b" } }])) as [Known];
    const created = createWrite(name, `${name}:new`, contents);
    expect(await commitIf(store(), [created.write], none(name, titled("a")))).toEqual(violated([0, [`${name}:new`]]));
    const updated = updateWrite(known, contents);
    expect(await commitIf(store(), [updated.write], none(name, titled("a")))).toEqual(
      violated([0, [known.head.resourceId]]),
    );
    const twins = [created.write, updated.write];
    const provisos = [none(name, titled("a"), [`${name}:new`]), none(name, titled("a"), [known.head.resourceId])];
    expect(await commitIf(store(), twins, ...provisos)).toEqual(
      violated([0, [known.head.resourceId]], [1, [`${name}:new`]]),
    );
    expect(await store().heads([known.head.resourceId, `${name}:new`])).toEqual([known.head, undefined]);
  });

  it("lets a unique value move from one resource to another in one commit, both ways round", async () => {
    const name = uniqueName("move");
    const [a, b] = (await seed(store(), name, [contents, { indexedData: { title: "b" } }])) as [Known, Known];
    const [idOfA, idOfB] = [a.head.resourceId, b.head.resourceId];
    const swapped = [updateWrite(a, { indexedData: { title: "b" } }), updateWrite(b, contents)] as const;
    const provisos = [none(name, titled("b"), [idOfA]), none(name, titled("a"), [idOfB])];
    expect(await commitIf(store(), [swapped[1].write], ...provisos.slice(1))).toEqual(violated([0, [idOfA]]));
    expect(
      await commitIf(
        store(),
        swapped.map(({ write }) => write),
        ...provisos,
      ),
    ).toEqual(done);
    expect(await store().heads([idOfA, idOfB])).toEqual(swapped.map(({ head }) => head));
  });

  it("does not find what the commit deletes or purges", async () => {
    const name = uniqueName("gone");
    const [a, b, c] = (await seed(store(), name, [contents, contents, contents])) as [Known, Known, Known];
    const gone = [flagWrite(a, true).write, purgeWrite(b)];
    expect(await commitIf(store(), gone, none(name, titled("a")))).toEqual(violated([0, [c.head.resourceId]]));
    const changed = updateWrite(c, { indexedData: { title: "c" } });
    expect(await commitIf(store(), [...gone, changed.write], none(name, titled("a")))).toEqual(done);
    expect((await store().heads([b.head.resourceId]))[0]).toBeUndefined();
  });

  it("finds a head by meta fields as the commit makes them", async () => {
    const name = uniqueName("meta");
    const [known] = (await seed(store(), name, [contents])) as [Known];
    const updated = updateWrite(known, { by: "zoe" });
    const isSecond = compare(metaFields.totalRevisionCount, "eq", 2);
    const byZoe = compare(metaFields.updatedBy, "eq", "zoe");
    const late = compare(metaFields.updatedTime, "gte", updated.head.updatedTime.toISOString());
    const id = known.head.resourceId;
    const provisos = [none(name, isSecond), none(name, byZoe), none(name, late), none(name, not(isSecond))];
    expect(await commitIf(store(), [updated.write], ...provisos)).toEqual(violated([0, [id]], [1, [id]], [2, [id]]));
  });
}

function mixedCases(store: () => MetaStore): void {
  it("looks at violations only where there are no conflicts", async () => {
    const name = uniqueName("mixed");
    const [a, b] = (await seed(store(), name, [{}, {}])) as [Known, Known];
    const newer = updateWrite(a);
    await commitAll(store(), newer.write);
    const all = none(name, everything);
    expect(await commitIf(store(), [updateWrite(a).write], all)).toEqual(conflicting(newer));
    expect(await commitIf(store(), [updateWrite(b).write], all, unchanged(a))).toEqual(conflicting(newer));
    const ids = [a, b].map(({ head }) => head.resourceId);
    expect(await commitIf(store(), [updateWrite(b).write], unchanged(newer), all)).toEqual(violated([1, ids]));
  });

  it("holds without writes too: done with no entry, or refused", async () => {
    const name = uniqueName("empty");
    const [known] = (await seed(store(), name, [{ indexedData: { title: "a" } }])) as [Known];
    const seq = await store().lastSeq();
    const id = known.head.resourceId;
    expect(await commitIf(store(), [])).toEqual({ isCommitted: true, changes: [] });
    expect(await commitIf(store(), [], unchanged(known), none(name, titled("b")))).toEqual({
      isCommitted: true,
      changes: [],
    });
    expect(await commitIf(store(), [], none(name, titled("a")))).toEqual(violated([0, [id]]));
    expect(await commitIf(store(), [], unchanged(known, "other"))).toEqual(conflicting(known));
    expect(await store().lastSeq()).toBe(seq);
  });

  it("takes a hundred provisos, on names that are written and others", async () => {
    const name = uniqueName("hundred");
    const contents = Array.from({ length: 50 }, (_, i) => ({ indexedData: { title: `t${i}`, level: i } }));
    const known = await seed(store(), name, contents);
    const created = createWrite(`${name}b`, `${name}b:1`, { indexedData: { title: "t0" } });
    const provisos = known.flatMap((one, i) => [unchanged(one), none(i % 2 ? name : `${name}b`, titled(`u${i}`))]);
    expect(provisos).toHaveLength(100);
    expect(await commitIf(store(), [created.write], ...provisos)).toEqual(done);
    const stricter = provisos.map((one, i) => (i % 20 === 3 ? none(name, titled(`t${i}`)) : one));
    const found = [3, 23, 43].map((i) => [i, [`${name}:${String(i).padStart(4, "0")}`]] as const);
    expect(await commitIf(store(), [updateWrite(created).write], ...stricter)).toEqual(violated(...found));
    expect(await commitIf(store(), [updateWrite(created).write], ...provisos)).toEqual(done);
  });

  it("tells commits of one moment apart: what one violates is nothing to the others", async () => {
    const name = uniqueName("batch");
    const [taken] = (await seed(store(), name, [{ indexedData: { title: "taken" } }])) as [Known];
    const created = Array.from({ length: 30 }, (_, i) =>
      createWrite(name, `${name}:n${i}`, { indexedData: { title: `n${i}` } }),
    );
    const seq = await store().lastSeq();
    const outcomes = await Promise.all(
      created.map(({ write }, i) => {
        if (i % 3 === 0) return store().commit(commitOf(write));
        return commitIf(store(), [write], none(name, titled(i % 3 === 1 ? `n${i}` : "taken"), [write.resourceId]));
      }),
    );
    for (const [i, outcome] of outcomes.entries()) {
      expect(outcome).toEqual(i % 3 === 2 ? violated([0, [taken.head.resourceId]]) : done);
    }
    const seqs = outcomes.flatMap((outcome) =>
      outcome.isCommitted ? outcome.changes.map((change) => change.seq) : [],
    );
    expect(seqs.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => seq + 1 + i));
    expect(await store().lastSeq()).toBe(seq + 20);
  });
}

function hostileCases(store: () => MetaStore): void {
  it("takes texts that no store holds for what is not there", async () => {
    const name = uniqueName("hostile");
    const [known] = (await seed(store(), name, [{ indexedData: { title: "a" } }])) as [Known];
    const id = known.head.resourceId;
    for (const text of ["\0", `${id}\0`, "\ud800", `${id}\udc00`]) {
      const write = () => [createWrite(name, uniqueName(`${name}:new`)).write];
      expect(await commitIf(store(), write(), { kind: "unchanged", resourceId: text, etag: null })).toEqual(done);
      expect(await commitIf(store(), write(), { kind: "unchanged", resourceId: text, etag: "e" })).toEqual({
        isCommitted: false,
        conflicts: new Map([[text, null]]),
        violations: new Map(),
      });
      expect(await commitIf(store(), write(), unchanged(known, text))).toEqual(conflicting(known));
      expect(await commitIf(store(), write(), none(text, everything))).toEqual(done);
      expect(await commitIf(store(), write(), none(name, titled("a"), [text]))).toEqual(violated([0, [id]]));
      expect(await commitIf(store(), write(), none(name, titled("a"), [text, id]))).toEqual(done);
    }
  });

  it("compares texts that look like SQL, Lua or JSON, and never runs them", async () => {
    const name = `${uniqueName("hostile")}'"\\ $1 ? %s; --`;
    const texts = [
      "'",
      '"',
      "\\",
      "$1",
      "?",
      "';drop table weft_head;--",
      "$weft$",
      "%",
      "\n",
      "{}",
      "[]",
      "]]",
      "\x1f",
    ];
    const known = await seed(
      store(),
      name,
      texts.map((text) => ({ indexedData: { [fields.odd.path]: text } })),
    );
    const provisos = texts.map((text) => none(name, compare(fields.odd, "eq", text)));
    const found = known.map(({ head }, i) => [i, [head.resourceId]] as const);
    expect(await commitIf(store(), [], ...provisos)).toEqual(violated(...found));
    const excepted = texts.map((text, i) => {
      return none(name, compare(fields.odd, "eq", text), [known[i]?.head.resourceId ?? "", text]);
    });
    expect(await commitIf(store(), [createWrite(name, `${name}:new'"\\`).write], ...excepted)).toEqual(done);
  });
}
