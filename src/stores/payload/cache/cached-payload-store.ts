/**
 * The core of all payload caches: a PayloadStore before another one, which answers out of memory what it has read before, whole
 * or in parts. Only deletion can make memory wrong, since a key is never written twice; the kinds of cache differ in how they hear of
 * deletions elsewhere. What this node deletes is forgotten before the call resolves, and reads that ran meanwhile are not kept.
 *
 * Missing keys are not remembered, and writing fills nothing: loading much would push out what is read.
 */
import { WeftError } from "../../../base/errors.ts";
import type { ByteRange, PayloadStore, ReadHint } from "../payload-store.ts";
import type { HeldPayloads } from "./held-payloads.ts";
import { addPieces, type PayloadPieces, pieceAt, wholeOf, wholePayload } from "./payload-pieces.ts";
import { type ReadsUnderWay, readsUnderWay } from "./reads-under-way.ts";

export interface PayloadCaching {
  readonly inner: PayloadStore;
  readonly held: HeldPayloads;
  /** Asked before each read. @default never: what is held is served */
  readonly validator?: ((key: string) => Promise<string | undefined>) | undefined;
  /** Where it says no, reads go to the store and nothing is kept. @default always yes */
  readonly isTrusted?: (() => boolean) | undefined;
  /** Called with names that were deleted; the deletion resolves behind it. */
  readonly onDeleted?: ((names: readonly string[]) => Promise<void>) | undefined;
  readonly onClose?: (() => Promise<void>) | undefined;
}

export interface CachedPayloads {
  readonly store: PayloadStore;
  forget(names: readonly string[]): void;
  forgetAll(): void;
}

export function cachePayloads(caching: PayloadCaching): CachedPayloads {
  const { inner, held, onDeleted, onClose } = caching;
  const reads = readsUnderWay();
  const reader = payloadReader(caching, reads);
  let isClosed = false;

  const checkOpen = () => {
    if (isClosed) throw new WeftError("STORE_UNAVAILABLE", {}, new Error("the payload cache is closed"));
  };
  const forget = (names: readonly string[]) => {
    for (const name of names) {
      reads.forget(name);
      held.drop(name);
    }
  };
  const forgetAll = () => {
    reads.forgetAll();
    held.dropAll();
  };
  const removeBy = async (names: readonly string[], remove: () => Promise<void>) => {
    checkOpen();
    try {
      await remove();
    } finally {
      // Where the removal failed, some may be gone all the same.
      forget(names);
      if (names.length > 0) await onDeleted?.(names);
    }
  };

  // A store of the user's own may be an instance of a class: its methods keep their `this`.
  const namesOf = (keys: readonly string[]) => keys.map((key) => inner.nameOf(key));
  const store: PayloadStore = {
    async put(key, bytes) {
      checkOpen();
      try {
        await inner.put(key, bytes);
      } finally {
        // A read that began before may still answer that the key is missing.
        reads.forget(inner.nameOf(key));
      }
    },
    async get(key, hint) {
      checkOpen();
      return reader.get(key, hint);
    },
    async getRanges(key, ranges, hint) {
      checkOpen();
      return reader.getRanges(key, ranges, hint);
    },
    delete: (keys) => removeBy(namesOf(keys), () => inner.delete(keys)),
    deleteListed: (names) => removeBy(names, () => inner.deleteListed(names)),
    list: () => inner.list(),
    nameOf: (key) => inner.nameOf(key),
    ping: () => inner.ping(),
    async close() {
      isClosed = true;
      forgetAll();
      await onClose?.();
      await inner.close();
    },
    ...(inner.examine && { examine: async () => (await inner.examine?.()) ?? [] }),
    ...(inner.validator && { validator: async (key: string) => inner.validator?.(key) }),
  };
  return { store, forget, forgetAll };
}

type Reader = Pick<PayloadStore, "get" | "getRanges">;

/** What is known when a read begins. */
interface Lookup {
  readonly known?: PayloadPieces | undefined;
  /** What is read from now on is kept with it. */
  readonly validator?: string;
  readonly isMissing?: true;
}

function payloadReader({ inner, held, validator, isTrusted }: PayloadCaching, reads: ReadsUnderWay): Reader {
  const isPast = (hint: ReadHint | undefined) => hint?.isOnce === true || isTrusted?.() === false;
  const lookUp = async (key: string, name: string): Promise<Lookup> => {
    if (!validator) return { known: held.get(name)?.known };
    const current = await reads.share({ name, what: "validator" }, () => validator(key));
    const entry = held.get(name);
    if (entry && entry.validator !== current) held.drop(name);
    if (current === undefined) return { isMissing: true };
    return { known: entry?.validator === current ? entry.known : undefined, validator: current };
  };
  const readingOf = (found: Lookup, hint: ReadHint | undefined) => ({
    ...(found.validator === undefined ? {} : { validator: found.validator }),
    ...(hint === undefined ? {} : { hint }),
  });
  const readWhole = (key: string, name: string, reading: ReturnType<typeof readingOf>) =>
    reads.share(
      { name, what: `whole ${reading.validator ?? ""}` },
      () => inner.get(key, reading.hint),
      (bytes) => {
        if (bytes) held.set(name, wholePayload(bytes), reading);
      },
    );

  return {
    async get(key, hint) {
      if (isPast(hint)) return inner.get(key, hint);
      const name = inner.nameOf(key);
      const found = await lookUp(key, name);
      if (found.isMissing) return undefined;
      return (found.known && wholeOf(found.known)) ?? readWhole(key, name, readingOf(found, hint));
    },
    async getRanges(key, ranges, hint) {
      if (isPast(hint)) return inner.getRanges(key, ranges, hint);
      const name = inner.nameOf(key);
      const found = await lookUp(key, name);
      if (found.isMissing) return undefined;
      const parts = ranges.map((range) => found.known && pieceAt(found.known, range));
      const lacking = ranges.filter((_, index) => parts[index] === undefined);
      if (found.known && lacking.length === 0) return parts.map((part) => part ?? new Uint8Array());
      const reading = readingOf(found, hint);
      const what = `${signatureOf(lacking)} ${reading.validator ?? ""}`;
      const read = await reads.share(
        { name, what },
        () => inner.getRanges(key, lacking, hint),
        (bytes) => {
          // Others may have brought parts meanwhile, under the same validator.
          const entry = held.get(name);
          const known = entry?.validator === reading.validator ? entry?.known : undefined;
          if (bytes) held.set(name, addPieces(known, lacking, bytes), reading);
        },
      );
      if (!read) return undefined;
      const rest = read.values();
      return parts.map((part) => part ?? rest.next().value ?? new Uint8Array());
    },
  };
}

function signatureOf(ranges: readonly ByteRange[]): string {
  return ranges.map(({ start, end }) => `${start}-${end}`).join(" ");
}
