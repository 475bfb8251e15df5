/** What every Journal must do (src/stores/meta/journal.ts). Nodes are journals on the same medium; one in memory has one. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { type Journal, type JournalPage, type NewRecord, rememberedRecords } from "../../src/stores/meta/journal.ts";

export interface OpenJournal extends AsyncDisposable {
  /** At least one; where there are several, each shows what any has done. */
  readonly nodes: readonly [Journal, ...Journal[]];
}

/** A record of one seq that touches one key and rests on it, looked at before anything happened. Told only what it touches, it rests on that. */
export function recordOf(epoch: string, over: Partial<NewRecord> = {}): NewRecord {
  const { keys = ["a"], readAt = 0, width = 1, text = "" } = over;
  return { epoch, keys, restsOn: over.restsOn ?? keys, readAt, width, text };
}

const everything = 1_000_000;

async function pageOf(journal: Journal, after = 0, limit = everything): Promise<JournalPage> {
  const page = await journal.read(after, limit);
  if (page === undefined) throw new Error("The journal has no epoch.");
  return page;
}

const texts = ({ records }: JournalPage) => records.map(({ text }) => text);

/** Appends records of keys of their own. */
async function fill(journal: Journal, epoch: string, count: number, text = ""): Promise<(number | undefined)[]> {
  return fillAt((await journal.state())?.last ?? 0, { journal, epoch, count, text });
}

interface Filling {
  readonly journal: Journal;
  readonly epoch: string;
  readonly count: number;
  readonly text: string;
}

function fillAt(readAt: number, { journal, epoch, count, text }: Filling): Promise<(number | undefined)[]> {
  const appends = Array.from({ length: count }, (_, i) => {
    const key = `${text}${i}`;
    return journal.append(recordOf(epoch, { keys: [key], readAt, text: key }));
  });
  return Promise.all(appends);
}

export function journalSuite(name: string, durability: Journal["durability"], open: () => Promise<OpenJournal>): void {
  /** Opens one, which has no epoch yet. */
  const test = (rule: string, body: (journal: Journal, opened: OpenJournal) => Promise<void>) =>
    it(rule, async () => {
      await using opened = await open();
      await body(opened.nodes[0], opened);
    });

  describe(`journal: ${name}`, () => {
    test(`what is acknowledged outlives a crash of its machine: ${durability}`, async (_, { nodes }) => {
      for (const journal of nodes) expect(journal.durability).toBe(durability);
    });

    describe("epochs", () => {
      test("before the first start there is no state, nothing to read, and nothing is taken", async (journal) => {
        expect(await journal.state()).toBeUndefined();
        expect(await journal.read(0, 10)).toBeUndefined();
        expect(await journal.append(recordOf("any"))).toBeUndefined();
        expect(await journal.moved("any", 1)).toBeUndefined();
        expect(await journal.state()).toBeUndefined();
      });

      test("start begins an epoch behind a seq, with nothing pending", async (journal) => {
        const { epoch, ...rest } = await journal.start(41);
        expect(epoch).not.toBe("");
        expect(rest).toEqual({ last: 41, moved: 41, horizon: 41 });
        expect(await journal.state()).toEqual({ epoch, ...rest });
        expect(await journal.read(0, 10)).toEqual({ epoch, ...rest, records: [] });
        expect(await journal.append(recordOf(epoch, { readAt: 41 }))).toBe(42);
      });

      test("start does nothing where there is an epoch, and answers its state", async (journal) => {
        const { epoch } = await journal.start(5);
        await journal.append(recordOf(epoch, { readAt: 5, width: 3 }));
        const state = { epoch, last: 8, moved: 5, horizon: 5 };
        expect(await journal.start(100)).toEqual(state);
        expect(await journal.start(100, "another")).toEqual(state);
        expect(await journal.state()).toEqual(state);
      });

      test("start replaces the epoch it names, only while nothing in it is pending", async (journal) => {
        const { epoch } = await journal.start(5);
        await journal.append(recordOf(epoch, { readAt: 5 }));
        expect(await journal.start(3, epoch)).toMatchObject({ epoch, last: 6 });
        await journal.moved(epoch, 6);
        const next = await journal.start(3, epoch);
        expect(next).toEqual({ epoch: expect.not.stringContaining(epoch), last: 3, moved: 3, horizon: 3 });
        expect(await journal.start(9, epoch)).toEqual(next);
        expect(await journal.read(0, 10)).toEqual({ ...next, records: [] });
        expect(await journal.append(recordOf(epoch, { readAt: 6 }))).toBeUndefined();
        // The key was touched at 6, in a life that is over.
        expect(await journal.append(recordOf(next.epoch, { readAt: 3 }))).toBe(4);
      });

      test("of many starts at once one begins the epoch, and all answer it", async (_, { nodes }) => {
        const starts = (instead?: string) =>
          Promise.all(Array.from({ length: 40 }, (_, i) => (nodes[i % nodes.length] as Journal).start(i, instead)));
        const first = await starts();
        expect(new Set(first.map((state) => JSON.stringify(state))).size).toBe(1);
        const epoch = first[0]?.epoch ?? "";
        const second = await starts(epoch);
        expect(new Set(second.map((state) => JSON.stringify(state))).size).toBe(1);
        expect(second[0]?.epoch).not.toBe(epoch);
      });
    });

    describe("append", () => {
      test("gives consecutive seqs in order, as many as a record is wide", async (journal) => {
        const { epoch } = await journal.start(0);
        const seqs = [];
        for (const [i, width] of [1, 3, 1, 1000, 2].entries())
          seqs.push(await journal.append(recordOf(epoch, { keys: [`${i}`], width, text: `${i}` })));
        expect(seqs).toEqual([1, 2, 5, 6, 1006]);
        expect(await pageOf(journal)).toEqual({
          epoch,
          last: 1007,
          moved: 0,
          horizon: 0,
          records: [
            { seq: 1, width: 1, text: "0" },
            { seq: 2, width: 3, text: "1" },
            { seq: 5, width: 1, text: "2" },
            { seq: 6, width: 1000, text: "3" },
            { seq: 1006, width: 2, text: "4" },
          ],
        });
      });

      test("is refused where any of its keys was touched behind readAt", async (journal) => {
        const { epoch } = await journal.start(0);
        expect(await journal.append(recordOf(epoch, { keys: ["a", "b"], width: 3 }))).toBe(1);
        expect(await journal.append(recordOf(epoch, { keys: ["c", "b"] }))).toBeUndefined();
        // It touched them up to its last seq.
        expect(await journal.append(recordOf(epoch, { keys: ["b"], readAt: 2 }))).toBeUndefined();
        expect(await journal.append(recordOf(epoch, { keys: ["c"] }))).toBe(4);
        expect(await journal.append(recordOf(epoch, { keys: ["b"], readAt: 3 }))).toBe(5);
        expect(await journal.append(recordOf(epoch, { keys: ["c", "a"], readAt: 3 }))).toBeUndefined();
        expect(await journal.append(recordOf(epoch, { keys: ["c", "a"], readAt: 4 }))).toBe(6);
        expect((await pageOf(journal)).last).toBe(6);
      });

      test("rests on keys that it does not touch, and touches keys that it does not rest on", async (journal) => {
        const { epoch } = await journal.start(0);
        const append = (restsOn: readonly string[], keys: readonly string[], readAt: number) =>
          journal.append(recordOf(epoch, { restsOn, keys, readAt }));
        expect(await append(["a"], ["b"], 0)).toBe(1);
        // Nobody has touched "a", and who does not rest on "b" may touch it.
        expect(await append(["a"], ["b", "c"], 0)).toBe(2);
        expect(await append(["b"], ["d"], 1)).toBeUndefined();
        expect(await append(["a", "c"], ["d"], 1)).toBeUndefined();
        expect(await append(["a", "b"], ["b", "a"], 2)).toBe(3);
        expect(await append(["c", "d", "a"], ["e"], 2)).toBeUndefined();
        expect(await append(["c", "d", "b", "a"], ["e", "b"], 3)).toBe(4);
        expect(await append([], ["a", "b"], 0)).toBe(5);
        expect(await append(["e"], ["x"], 4)).toBe(6);
        expect((await pageOf(journal)).last).toBe(6);
      });

      test("of many at once that rest on one key, all happen until one touches it", async (_, { nodes }) => {
        const { epoch } = await nodes[0].start(0);
        const appends = Array.from({ length: 60 }, (_, i) => {
          const touching = i === 30 ? ["shared"] : [];
          const record = recordOf(epoch, { restsOn: ["shared"], keys: [`own ${i}`, ...touching], text: `${i}` });
          return (nodes[i % nodes.length] as Journal).append(record);
        });
        const seqs = await Promise.all(appends);
        const touchedAt = seqs[30] ?? 0;
        for (const seq of seqs) if (seq !== undefined) expect(seq).toBeLessThanOrEqual(touchedAt);
        expect((await pageOf(nodes[0])).last).toBe(touchedAt);
      });

      test("is refused in another epoch", async (journal) => {
        const { epoch } = await journal.start(0);
        for (const wrong of ["", `${epoch} `, epoch.toUpperCase().replace("-", "_")])
          expect(await journal.append(recordOf(wrong))).toBeUndefined();
        expect((await pageOf(journal)).last).toBe(0);
      });

      test("is refused before the horizon that an epoch begins with", async (journal) => {
        const { epoch } = await journal.start(10);
        expect(await journal.append(recordOf(epoch, { readAt: 9 }))).toBeUndefined();
        expect(await journal.append(recordOf(epoch, { readAt: 10 }))).toBe(11);
      });

      test("repeated, is refused, having happened", async (journal) => {
        const { epoch } = await journal.start(0);
        const record = recordOf(epoch);
        expect([await journal.append(record), await journal.append(record)]).toEqual([1, undefined]);
      });

      test("of many at once on one key, looked at in the same state, one wins", async (_, { nodes }) => {
        const { epoch } = await nodes[0].start(0);
        for (let readAt = 0; readAt < 10; readAt++) {
          const appends = Array.from({ length: 50 }, (_, i) => {
            const record = recordOf(epoch, { keys: [`own ${i}`, "shared"], readAt, text: `${i}` });
            return (nodes[i % nodes.length] as Journal).append(record);
          });
          const seqs = await Promise.all(appends);
          expect(seqs.filter((seq) => seq !== undefined)).toEqual([readAt + 1]);
          const page = await pageOf(nodes[0], readAt);
          expect(texts(page)).toEqual([`${seqs.indexOf(readAt + 1)}`]);
        }
      });

      test("of many at once on different keys, all happen, one after the other", async (_, { nodes }) => {
        const { epoch } = await nodes[0].start(0);
        const appends = Array.from({ length: 200 }, async (_, i) => {
          const record = recordOf(epoch, { keys: [`${i}`], width: 1 + (i % 3), text: `${i}` });
          return [await (nodes[i % nodes.length] as Journal).append(record), `${i}`] as const;
        });
        const acknowledged = new Map(await Promise.all(appends));
        const { records, last } = await pageOf(nodes[0]);
        expect(new Map(records.map(({ seq, text }) => [seq, text]))).toEqual(acknowledged);
        expectContiguous(records, 0, last);
      });

      test("refuses a record that has no width or touches nothing", async (journal) => {
        const { epoch } = await journal.start(0);
        for (const over of [{ width: 0 }, { width: -1 }, { width: 1.5 }, { width: Number.NaN }, { keys: [] }])
          await expect(journal.append(recordOf(epoch, over))).rejects.toBeInstanceOf(RangeError);
        await expect(journal.append(recordOf(epoch, { readAt: Number.NaN }))).rejects.toBeInstanceOf(RangeError);
        expect((await pageOf(journal)).last).toBe(0);
      });
    });

    describe("any text", () => {
      const hostile = [
        "",
        "\0",
        "a\0b",
        "\r\n$5\r\n",
        "*",
        "日本 😀",
        "e\u0301",
        "é",
        "\ud83e",
        "\udd84",
        "\udd84\ud83e",
        "\ufffd",
        '"\\"',
        "__proto__",
        "constructor",
        "{x}:y",
        "=",
        "~",
        "#",
        "-",
        "+inf",
        "1",
        "1.0",
        "k".repeat(70_000),
      ];

      test("is a key of its own", async (journal) => {
        const { epoch } = await journal.start(0);
        for (const [i, key] of hostile.entries())
          expect([key, await journal.append(recordOf(epoch, { keys: [key] }))]).toEqual([key, i + 1]);
        for (const key of hostile) expect(await journal.append(recordOf(epoch, { keys: [key] }))).toBeUndefined();
        expect(await journal.append(recordOf(epoch, { keys: ["new", ...hostile], readAt: hostile.length }))).toBe(
          hostile.length + 1,
        );
      });

      test("comes back as it went in", async (journal) => {
        const { epoch } = await journal.start(0);
        const long = ["x", "é", "😀", "\0"].map((unit) => unit.repeat(2 ** 20 / unit.length));
        const all = [...hostile, ...long];
        for (const [i, text] of all.entries())
          expect(await journal.append(recordOf(epoch, { keys: [`${i}`], text }))).toBe(i + 1);
        const found = texts(await pageOf(journal));
        expect(found.length).toBe(all.length);
        for (const [i, text] of all.entries()) expect(found[i] === text, text.slice(0, 20)).toBe(true);
      });

      test("is an owner, and an epoch that there is not", async (journal) => {
        const { epoch } = await journal.start(0);
        for (const text of hostile) {
          expect(await journal.append(recordOf(text))).toBeUndefined();
          await journal.moved(text, 0);
          expect(await journal.start(9, text)).toMatchObject({ epoch, last: 0 });
          expect([text, await journal.lease(text, 60_000)]).toEqual([text, true]);
          for (const other of hostile) if (other !== text) expect(await journal.lease(other, 60_000)).toBe(false);
          await journal.release(text);
        }
      });

      test("touches ten thousand keys at once", async (journal) => {
        const { epoch } = await journal.start(0);
        const keys = Array.from({ length: 10_000 }, (_, i) => `key ${i}`);
        expect(await journal.append(recordOf(epoch, { keys, width: keys.length }))).toBe(1);
        for (const key of [keys[0], keys[5000], keys[9999]] as string[])
          expect(await journal.append(recordOf(epoch, { keys: ["x", key], readAt: 9999 }))).toBeUndefined();
        expect(await journal.append(recordOf(epoch, { keys, readAt: 10_000 }))).toBe(10_001);
      });
    });

    describe("read", () => {
      test("pages through the records behind a seq", async (journal) => {
        const { epoch } = await journal.start(0);
        for (const [i, width] of [2, 1, 3, 1].entries())
          await journal.append(recordOf(epoch, { keys: [`${i}`], width, text: `${i}` }));
        const read = async (after: number, limit: number) => texts(await pageOf(journal, after, limit)).join("");
        expect(await read(0, 2)).toBe("01");
        expect(await read(3, 2)).toBe("23");
        expect(await read(6, 2)).toBe("3");
        expect(await read(7, 2)).toBe("");
        expect(await read(1000, 2)).toBe("");
        expect(await read(0, 0)).toBe("");
        expect((await pageOf(journal, 0, 0)).last).toBe(7);
      });

      test("shows the record of which only a part lies behind the seq", async (journal) => {
        const { epoch } = await journal.start(0);
        await journal.append(recordOf(epoch, { width: 3 }));
        expect((await pageOf(journal, 2)).records).toEqual([{ seq: 1, width: 3, text: "" }]);
      });

      test("shows what was acknowledged before, on every node", async (_, { nodes }) => {
        const { epoch } = await nodes[0].start(0);
        for (let seq = 1; seq <= 50; seq++) {
          const [writer, reader] = [nodes[seq % nodes.length], nodes[(seq + 1) % nodes.length]] as [Journal, Journal];
          expect(await writer.append(recordOf(epoch, { readAt: seq - 1 }))).toBe(seq);
          expect(await reader.state()).toMatchObject({ last: seq });
          expect((await pageOf(reader, seq - 1)).records).toMatchObject([{ seq }]);
        }
      });

      test("is one moment: state and records agree while others append and move", async (_, { nodes }) => {
        const { epoch } = await nodes[0].start(0);
        let isBusy = true;
        const readers = nodes.map(async (journal) => {
          let [last, moved] = [0, 0];
          while (isBusy) {
            const page = await pageOf(journal);
            expect(page.last).toBeGreaterThanOrEqual(last);
            expect(page.moved).toBeGreaterThanOrEqual(moved);
            expect(page.moved).toBeLessThanOrEqual(page.last);
            expectContiguous(page.records, page.horizon, page.last);
            [last, moved] = [page.last, page.moved];
            // Memory answers without yielding to timers.
            await sleep(0);
          }
        });
        for (let i = 0; i < 30; i++) {
          const seqs = await fill(nodes[0], epoch, 60, `${i} `);
          await nodes[0].moved(epoch, seqs[40] ?? 0);
        }
        isBusy = false;
        await Promise.all(readers);
        const { horizon, moved } = await pageOf(nodes[0]);
        expect([horizon, moved]).toEqual([1781 - rememberedRecords, 1781]);
      });
    });

    describe("moved", () => {
      test("keeps the records and the touched keys", async (journal) => {
        const { epoch } = await journal.start(0);
        await journal.append(recordOf(epoch, { width: 2, text: "x" }));
        await journal.append(recordOf(epoch, { keys: ["b"], text: "y" }));
        await journal.moved(epoch, 2);
        expect(await journal.state()).toEqual({ epoch, last: 3, moved: 2, horizon: 0 });
        await journal.moved(epoch, 3);
        expect(texts(await pageOf(journal))).toEqual(["x", "y"]);
        expect(await journal.append(recordOf(epoch, { readAt: 1 }))).toBeUndefined();
        expect(await journal.append(recordOf(epoch, { readAt: 2 }))).toBe(4);
      });

      test("does nothing for a lower seq, another epoch, or a seq with which no record ends", async (journal) => {
        const { epoch } = await journal.start(10);
        for (const [readAt, width] of [
          [10, 2],
          [12, 2],
          [14, 3],
        ] as const)
          await journal.append(recordOf(epoch, { readAt, width }));
        await journal.moved(epoch, 14);
        const state = { epoch, last: 17, moved: 14, horizon: 10 };
        for (const seq of [0, 10, 12, 13, 14, 15, 16, 18, 1000]) {
          await journal.moved(epoch, seq);
          expect(await journal.state()).toEqual(state);
        }
        await journal.moved("another", 17);
        expect(await journal.state()).toEqual(state);
        await journal.moved(epoch, 17);
        expect(await journal.state()).toEqual({ ...state, moved: 17 });
      });

      test(`remembers ${rememberedRecords} moved records, and what they touched, no more`, async (journal) => {
        const { epoch } = await journal.start(0);
        await fill(journal, epoch, rememberedRecords + 10);
        await journal.moved(epoch, rememberedRecords);
        expect(await journal.state()).toMatchObject({ horizon: 0 });
        await journal.moved(epoch, rememberedRecords + 3);
        const page = await pageOf(journal);
        expect(page).toMatchObject({ moved: rememberedRecords + 3, horizon: 3, last: rememberedRecords + 10 });
        expect(page.records[0]).toEqual({ seq: 4, width: 1, text: "3" });
        expectContiguous(page.records, 3, page.last);
        // Who looked before the horizon cannot know, not even of a key that nobody touched.
        for (const key of ["never", "0", "2"])
          expect(await journal.append(recordOf(epoch, { keys: [key], readAt: 2 }))).toBeUndefined();
        expect(await journal.append(recordOf(epoch, { keys: ["3"], readAt: 3 }))).toBeUndefined();
        expect(await journal.append(recordOf(epoch, { keys: ["2"], readAt: 3 }))).toBe(page.last + 1);
      });

      test("never forgets what is pending, however much", async (journal) => {
        const { epoch } = await journal.start(0);
        for (let i = 0; i < 3; i++) await fill(journal, epoch, 1000, `${i} `);
        await journal.moved(epoch, 1);
        const { records, horizon } = await pageOf(journal);
        expect([records.length, horizon]).toEqual([3000, 0]);
        expect(await journal.append(recordOf(epoch, { keys: ["0 1"], readAt: 1 }))).toBeUndefined();
      });

      test("of ten thousand moved records about a thousand are left", async (journal) => {
        const { epoch } = await journal.start(0);
        for (let i = 1; i <= 10; i++) {
          await fill(journal, epoch, 1000, `${i} `);
          if (i % 2 === 0) await journal.moved(epoch, i * 1000);
        }
        const page = await pageOf(journal);
        expect(page).toMatchObject({ moved: 10_000, last: 10_000 });
        expect(page.records.length).toBeGreaterThanOrEqual(rememberedRecords);
        expect(page.records.length).toBeLessThan(rememberedRecords * 1.2);
        expectContiguous(page.records, page.horizon, page.last);
      });
    });

    describe("lease", () => {
      test("has one owner, who can prolong it, until it is given back", async (_, { nodes }) => {
        const [first, last] = [nodes[0], nodes.at(-1) as Journal];
        expect(await first.lease("a", 60_000)).toBe(true);
        expect(await last.lease("b", 60_000)).toBe(false);
        expect(await last.lease("a", 60_000)).toBe(true);
        await last.release("b");
        expect(await last.lease("b", 60_000)).toBe(false);
        await first.release("a");
        expect(await last.lease("b", 60_000)).toBe(true);
        expect(await first.lease("a", 60_000)).toBe(false);
        await first.release("nobody");
      });

      test("of many who want it at once one gets it", async (_, { nodes }) => {
        const wishes = Array.from({ length: 30 }, (_, i) => (nodes[i % nodes.length] as Journal).lease(`${i}`, 60_000));
        expect((await Promise.all(wishes)).filter(Boolean).length).toBe(1);
      });

      test("ends after its time, counted from when it was prolonged last", async (_, { nodes }) => {
        const [first, last] = [nodes[0], nodes.at(-1) as Journal];
        const start = performance.now();
        expect(await first.lease("a", 300)).toBe(true);
        await sleep(200);
        expect(await first.lease("a", 600)).toBe(true);
        const prolonged = performance.now();
        while (!(await last.lease("b", 60_000))) {
          expect(performance.now() - start).toBeLessThan(10_000);
          await sleep(10);
        }
        expect(performance.now() - prolonged).toBeGreaterThan(550);
        expect(await first.lease("a", 300)).toBe(false);
      });

      test("can be shortened", async (journal) => {
        expect(await journal.lease("a", 60_000)).toBe(true);
        expect(await journal.lease("a", 30)).toBe(true);
        await sleep(100);
        expect(await journal.lease("b", 60_000)).toBe(true);
      });

      test("is of the journal, not of an epoch", async (journal) => {
        expect(await journal.lease("a", 60_000)).toBe(true);
        const { epoch } = await journal.start(0);
        await journal.start(5, epoch);
        expect(await journal.lease("b", 60_000)).toBe(false);
      });
    });

    describe("close", () => {
      test("waits for calls under way, after which all answer STORE_UNAVAILABLE", async (journal) => {
        const { epoch } = await journal.start(0);
        await journal.ping();
        const appending = fillAt(0, { journal, epoch, count: 20, text: "" });
        let isAppended = false;
        const watching = appending.then(() => {
          isAppended = true;
        });
        await journal.close();
        await watching;
        expect(isAppended).toBe(true);
        await journal.close();
        const calls = [
          journal.state(),
          journal.start(0),
          journal.append(recordOf(epoch)),
          journal.read(0, 1),
          journal.moved(epoch, 1),
          journal.lease("a", 1000),
          journal.release("a"),
          journal.ping(),
        ];
        for (const call of calls) await expect(call).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
      });

      it("takes nothing back", async () => {
        await using opened = await open();
        const { nodes } = opened;
        const [closed, other] = [nodes[0], nodes[1]];
        const { epoch } = await closed.start(0);
        expect(await closed.append(recordOf(epoch, { text: "x" }))).toBe(1);
        expect(await closed.lease("a", 60_000)).toBe(true);
        await closed.close();
        // In memory nobody else can see it.
        if (other === undefined) return;
        expect(texts(await pageOf(other))).toEqual(["x"]);
        expect(await other.lease("b", 60_000)).toBe(false);
      });
    });
  });
}

/** One record begins where the one before it ends, from the seq behind `horizon` to `last`. */
export function expectContiguous(records: JournalPage["records"], horizon: number, last: number): void {
  let end = horizon;
  for (const { seq, width } of records) {
    expect(seq).toBe(end + 1);
    end += width;
  }
  expect(end).toBe(last);
}
