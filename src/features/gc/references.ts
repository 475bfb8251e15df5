/** What is still named: payloads by the log, blobs by the payloads of whoever is noted as a holder. */
import type { Services } from "../../resource/services.ts";
import type { ReadHint } from "../../stores/payload/payload-store.ts";
import { createTextSet, type TextSet } from "./text-set.ts";

const batchSize = 1000;

/**
 * Names under which the payloads lie that the log names. Walks it to what it held when this began, at least, yielding how far it is: 0 to 1.
 * Every revision and every edition of a draft is the state of an entry, so nothing else need be asked; a purge has emptied its entries.
 */
export async function* walkPayloads({ meta, payload }: Services): AsyncGenerator<number, TextSet> {
  const names = createTextSet();
  const lastSeq = await meta.lastSeq();
  for (let after = 0; ; ) {
    const changes = await meta.changes({ after, limit: batchSize });
    const last = changes.at(-1);
    if (last === undefined) return names;
    for (const { head, revision } of changes) {
      for (const state of [head, revision]) if (state) names.add(payload.nameOf(state.payload.key));
    }
    after = last.seq;
    yield Math.min(after / Math.max(lastSeq, 1), 1);
  }
}

/** Whether any payload of a noted holder names the blob; undefined where nobody is noted. Models play no part: a field counts that was binary once. */
export async function isBlobNamed({ meta, payload, blob }: Services, blobId: string): Promise<boolean | undefined> {
  let isNoted = false;
  for await (const holder of blob.holders.list(blobId)) {
    isNoted = true;
    for (const key of await meta.payloadKeys(holder)) {
      const bytes = await payload.get(key, once);
      if (bytes && idsIn(bytes).includes(blobId)) return true;
    }
  }
  return isNoted ? false : undefined;
}

/**
 * Which of these blobs any payload names. For blobs that nobody is noted for: of a write that was cut off before its note, or of a
 * release that took none. Reads every payload that the log names.
 */
export async function namedAmong({ meta, payload }: Services, blobIds: ReadonlySet<string>): Promise<Set<string>> {
  const named = new Set<string>();
  let lastKey = "";
  for (let after = 0; ; ) {
    const changes = await meta.changes({ after, limit: batchSize });
    const last = changes.at(-1);
    if (last === undefined) return named;
    after = last.seq;
    for (const { head } of changes) {
      if (!head || head.payload.key === lastKey) continue;
      lastKey = head.payload.key;
      for (const id of idsIn((await payload.get(lastKey, once)) ?? nothing)) if (blobIds.has(id)) named.add(id);
    }
  }
}

/** What requests use shall stay in memory. */
const once: ReadHint = { isOnce: true };
const nothing = new Uint8Array();

/** A text of 64 hex digits stands as it is in both encodings, behind a byte that is no hex digit. */
function idsIn(bytes: Uint8Array): readonly string[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  return text.match(/[0-9a-f]{64}/g) ?? [];
}
