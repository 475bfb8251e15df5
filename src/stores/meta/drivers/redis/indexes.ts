/** Indexes as a model wants them, and the data in them where the model has changed. */
import { randomBytes } from "node:crypto";
import type { SortKey } from "../../../../query/condition.ts";
import type { IndexedState } from "../../meta-index.ts";
import type { Connection } from "./connection.ts";
import { definitionsWanted } from "./index-definition.ts";
import { buildScript, registerScript, reindexScript } from "./lua/indexes.ts";
import { entryLines, headRecord, readHead } from "./records.ts";

/** Heads that are indexed in one step of Redis, which takes some milliseconds: so long does a writer wait. */
const batchSize = 200;
/** A state that another process reindexes at the same moment is looked at again. */
const maxAttempts = 5;

export async function keepIndexes(
  connection: Connection,
  resourceName: string,
  orders: readonly (readonly SortKey[])[],
): Promise<void> {
  const wanted = new Set(orders.flatMap(definitionsWanted));
  const token = `building ${randomBytes(8).toString("hex")}`;
  const missing = await connection.run<string[]>(registerScript, [resourceName, token, ...wanted]);
  if (missing.length === 0) return;
  let after = "";
  do {
    after = await connection.run<string>(buildScript, [resourceName, after, batchSize, ...missing]);
  } while (after !== "");
}

export async function replaceIndexedData(connection: Connection, states: readonly IndexedState[]): Promise<number> {
  let replaced = 0;
  let left = states;
  for (let attempt = 0; left.length > 0 && attempt < maxAttempts; attempt++) {
    const plans = await plansOf(connection, left);
    if (plans.length === 0) break;
    const args = plans.flatMap(({ state, old, renewed }) => [state.seq, state.resourceId, old, renewed]);
    const done = await connection.run<number[]>(reindexScript, args);
    replaced += done.filter((one) => one === 1).length;
    left = plans.filter((_, i) => done[i] !== 1).map(({ state }) => state);
  }
  return replaced;
}

interface Plan {
  readonly state: IndexedState;
  /** Records of the head. */
  readonly old: string;
  readonly renewed: string;
}

/** Of the states that are still there. */
async function plansOf({ call, prefix }: Connection, states: readonly IndexedState[]): Promise<Plan[]> {
  const seqs = states.map(({ seq }) => String(seq));
  const records = await call((redis) => redis.hmget(`${prefix}log`, ...seqs));
  return states.flatMap((state, i) => {
    const old = entryLines(records[i] ?? "")[3];
    const head = old === "" ? undefined : readHead(old);
    if (head?.resourceId !== state.resourceId || head.payload.key !== state.payloadKey) return [];
    const { indexedData, indexFingerprint } = state;
    return [{ state, old, renewed: headRecord({ ...head, indexedData, indexFingerprint }) }];
  });
}
