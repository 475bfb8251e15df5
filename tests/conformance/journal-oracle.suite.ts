/** Random calls, made on a journal and on the one in memory: same answers, but for the names of epochs. A failure prints its seed. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryJournal } from "../../src/stores/meta/drivers/memory-journal.ts";
import type { Journal, JournalState } from "../../src/stores/meta/journal.ts";
import type { OpenJournal } from "./journal.suite.ts";

/** Which epoch a call names: the one that runs, one that is over, or one that never was. */
type Named = "current" | "former" | "none";

type Call =
  | { readonly kind: "state" | "ping" }
  | { readonly kind: "start"; readonly seq: number; readonly instead: Named }
  /** `back`: how far behind the newest seq the caller looked. */
  | {
      readonly kind: "append";
      readonly epoch: Named;
      readonly keys: string[];
      readonly restsOn: string[];
      readonly back: number;
      readonly width: number;
      readonly text: string;
    }
  /** Many narrow records of keys of their own. */
  | { readonly kind: "many"; readonly count: number }
  /** `share` of the seqs from the horizon to the newest and a bit beyond. */
  | { readonly kind: "read"; readonly share: number; readonly limit: number }
  | { readonly kind: "moved"; readonly epoch: Named; readonly share: number }
  | { readonly kind: "lease"; readonly owner: string }
  | { readonly kind: "release"; readonly owner: string };

const named = fc.constantFrom<Named>("current", "current", "current", "current", "former", "none");
const keys = fc.uniqueArray(fc.constantFrom("a", "b", "c", "", "a\0", "\ud83e", "日"), { minLength: 1, maxLength: 4 });
/** Of a pool that meets that of the keys. */
const restsOn = fc.uniqueArray(fc.constantFrom("a", "b", "d", "", "a\0", "\ud83e"), { maxLength: 4 });
const share = fc.double({ min: 0, max: 1.1, noNaN: true });
const owner = fc.constantFrom("x", "y", "\udd84");

const append = fc.record({
  kind: fc.constant("append" as const),
  epoch: named,
  keys,
  restsOn,
  back: fc.nat(12),
  width: fc.integer({ min: 1, max: 4 }),
  text: fc.string({ unit: "binary", maxLength: 40 }),
});

const call: fc.Arbitrary<Call> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("state" as const, "ping" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("start" as const), seq: fc.nat(50), instead: named }) },
  { weight: 20, arbitrary: append },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("many" as const), count: fc.integer({ min: 300, max: 900 }) }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("read" as const), share, limit: fc.nat(20) }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("moved" as const), epoch: named, share }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("lease" as const), owner }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("release" as const), owner }) },
);

const sequences = fc
  .tuple(fc.boolean(), fc.array(call, { minLength: 1, maxLength: 60, size: "max" }))
  .map(([isStarted, calls]): Call[] => (isStarted ? [{ kind: "start", seq: 0, instead: "none" }, ...calls] : calls));

/** @param runs how many sequences of calls */
export function journalOracle(name: string, open: () => Promise<OpenJournal>, runs: number): void {
  describe(`journal against the oracle: ${name}`, () => {
    it(`answers ${runs} random sequences of calls like the journal in memory`, async () => {
      const property = fc.asyncProperty(sequences, async (calls) => {
        await using opened = await open();
        const { nodes } = opened;
        const [one, oracle] = [play(), play()];
        const memory = memoryJournal();
        for (const [i, next] of calls.entries()) {
          const node = nodes[i % nodes.length] as Journal;
          expect(await one(node, next), JSON.stringify(next)).toEqual(await oracle(memory, next));
        }
        expect(await one(nodes[0], { kind: "read", share: 0, limit: 10_000 })).toEqual(
          await oracle(memory, { kind: "read", share: 0, limit: 10_000 }),
        );
      });
      await fc.assert(property, { numRuns: runs, interruptAfterTimeLimit: 240_000, markInterruptAsFailure: true });
    }, 300_000);
  });
}

/** Makes calls and answers what came of them, the epochs named by the order in which they appeared. */
function play(): (journal: Journal, call: Call) => Promise<unknown> {
  const epochs: string[] = [];
  let state: JournalState = { epoch: "", last: 0, moved: 0, horizon: 0 };
  let count = 0;

  const nameOf = (which: Named) =>
    (which === "current" ? epochs.at(-1) : which === "former" ? epochs.at(-2) : undefined) ?? "none";
  const at = (share: number) => state.horizon + Math.floor(share * (state.last - state.horizon + 2));

  function anonymous<T extends JournalState>(found: T | undefined): unknown {
    if (found === undefined) return undefined;
    if (!epochs.includes(found.epoch)) epochs.push(found.epoch);
    return { ...found, epoch: epochs.indexOf(found.epoch) };
  }

  async function make(journal: Journal, call: Call): Promise<unknown> {
    switch (call.kind) {
      case "start":
        return anonymous(await journal.start(call.seq, call.instead === "none" ? undefined : nameOf(call.instead)));
      case "append": {
        const { keys, restsOn, width, text, back } = call;
        return journal.append({ epoch: nameOf(call.epoch), keys, restsOn, readAt: state.last - back, width, text });
      }
      case "many": {
        const appends = Array.from({ length: call.count }, () =>
          journal.append({
            epoch: nameOf("current"),
            keys: [`own ${count++}`],
            restsOn: [],
            readAt: state.last,
            width: 1,
            text: "",
          }),
        );
        return (await Promise.all(appends)).sort((a = 0, b = 0) => a - b);
      }
      case "read":
        return anonymous(await journal.read(at(call.share), call.limit));
      case "moved":
        return journal.moved(nameOf(call.epoch), at(call.share));
      case "lease":
        return journal.lease(call.owner, 600_000);
      case "release":
        return journal.release(call.owner);
      case "ping":
        return journal.ping();
      case "state":
        return anonymous(await journal.state());
    }
  }

  return async (journal, call) => {
    const answer = await make(journal, call);
    state = (await journal.state()) ?? state;
    return [answer, anonymous(state)];
  };
}
