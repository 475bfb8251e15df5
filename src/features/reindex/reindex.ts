/**
 * Reindexing: making `indexedData` anew where a model's indexed fields have changed since it was written, of current states and of
 * earlier ones alike, and the store's indexes with it. Nothing happens to the resources: no etag, no time, no entry in the log.
 *
 * It walks the log once a model, for the states whose fingerprint is not the model's, reads what is indexed of their payloads
 * and puts it in place. Whoever writes meanwhile under the model as it is now writes what is right already, and wins. Stopped at any
 * point, it begins again and finds only what is left.
 */
import { WeftError } from "../../base/errors.ts";
import type { Selection } from "../../codec/selection.ts";
import { indexSelectionOf } from "../../model/index-data.ts";
import { indexOrders, substringFields } from "../../query/fields.ts";
import { createReader, type Reader } from "../../resource/reader.ts";
import type { Model } from "../../resource/registry.ts";
import type { Services } from "../../resource/services.ts";
import type { IndexedState, StaleState } from "../../stores/meta/meta-index.ts";

export interface ReindexProgress {
  readonly modelName: string;
  /** First the states in the log, then the store's indexes; `done` comes once a model, last. */
  readonly phase: "states" | "indexes" | "done";
  /** How far the log is walked, of what it held at the beginning: 0 to 1. */
  readonly fraction: number;
  /** States whose indexed data were made anew, so far. A resource has one for each of its changes. */
  readonly reindexed: number;
  /** States whose payload cannot be read, so far. They stay as they are, and the next run finds them again. */
  readonly unreadable: number;
  /** Those of them that this step has met. */
  readonly failures: readonly UnreadableState[];
}

export interface UnreadableState {
  readonly seq: number;
  readonly resourceId: string;
  readonly payloadKey: string;
  readonly error: WeftError;
}

/** States that are read at once: as many, unless their payloads together are larger. */
const batchSize = 100;
const batchBytes = 16 * 1024 * 1024;

/** Yields after each batch of states, before it makes indexes, and when it is done. @throws STORE_UNAVAILABLE */
export async function* reindexModel(services: Services, model: Model): AsyncGenerator<ReindexProgress> {
  const { modelName, resourceName, indexFingerprint } = model.definition;
  const lastSeq = await services.meta.lastSeq();
  const renewal = createRenewal(services, model);
  let progress: ReindexProgress = {
    modelName,
    phase: "states",
    fraction: 0,
    reindexed: 0,
    unreadable: 0,
    failures: [],
  };
  for (let after = 0; ; ) {
    const states = firstOf(
      await services.meta.staleStates({ resourceName, indexFingerprint, after, limit: batchSize }),
    );
    const last = states.at(-1);
    if (last === undefined) break;
    const { renewed, failures } = await renewBatch(renewal, states);
    after = last.seq;
    progress = {
      ...progress,
      fraction: Math.min(after / Math.max(lastSeq, 1), 1),
      reindexed: progress.reindexed + (await services.meta.reindex(renewed)),
      unreadable: progress.unreadable + failures.length,
      failures,
    };
    yield progress;
  }
  progress = { ...progress, phase: "indexes", fraction: 1, failures: [] };
  yield progress;
  await keepIndexes(services, model);
  yield { ...progress, phase: "done" };
}

/** Makes the indexes that searches of the model want, and drops those of fields that it indexes no more. */
export function keepIndexes({ meta }: Services, { definition }: Model): Promise<void> {
  return meta.index(definition.resourceName, indexOrders(definition), substringFields(definition));
}

/** As many as may be in memory together; one at least. */
function firstOf(states: readonly StaleState[]): readonly StaleState[] {
  let bytes = 0;
  const end = states.findIndex(({ payload }) => {
    bytes += payload.size;
    return bytes > batchBytes;
  });
  return end === -1 ? states : states.slice(0, Math.max(1, end));
}

interface Renewal {
  readonly services: Services;
  readonly model: Model;
  readonly reader: Reader;
  readonly selection: Selection;
}

function createRenewal(services: Services, model: Model): Renewal {
  const reader = createReader(services, { isOnce: true });
  return { services, model, reader, selection: indexSelectionOf(model.definition.indexedFields.values()) };
}

interface RenewedBatch {
  readonly renewed: readonly IndexedState[];
  readonly failures: readonly UnreadableState[];
}

async function renewBatch(renewal: Renewal, states: readonly StaleState[]): Promise<RenewedBatch> {
  const results = await Promise.all(states.map((state) => renew(renewal, state)));
  const renewed: IndexedState[] = [];
  const failures: UnreadableState[] = [];
  for (const result of results) {
    if (result === "gone") continue;
    if ("error" in result) failures.push(result);
    else renewed.push(result);
  }
  return { renewed, failures };
}

async function renew(renewal: Renewal, state: StaleState): Promise<IndexedState | UnreadableState | "gone"> {
  const { reader, model, selection } = renewal;
  const { seq, resourceId, payload } = state;
  try {
    const document = await reader.document(model, payload, selection);
    const { indexFingerprint } = model.definition;
    const indexedData = model.definition.indexedData(document);
    return { seq, resourceId, payloadKey: payload.key, indexedData, indexFingerprint };
  } catch (error) {
    if (!(error instanceof WeftError && error.code === "PAYLOAD_CORRUPT")) throw error;
    if (!(await isStillThere(renewal, state))) return "gone";
    return { seq, resourceId, payloadKey: payload.key, error };
  }
}

/** A purge takes the payloads of the states that it empties. */
async function isStillThere({ services, model }: Renewal, { seq }: StaleState): Promise<boolean> {
  const { resourceName, indexFingerprint } = model.definition;
  const [found] = await services.meta.staleStates({ resourceName, indexFingerprint, after: seq - 1, limit: 1 });
  return found?.seq === seq;
}
