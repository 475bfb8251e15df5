import type { PayloadStore } from "../../../../src/stores/payload/payload-store.ts";

export interface CountedPayloadStore {
  readonly store: PayloadStore;
  /** Names of the reading calls since the last time that it was asked; `getRanges` with how many ranges. */
  calls(): string[];
}

/** @param gate awaited behind each read of the inner store, before its answer is given */
export function countedPayloadStore(
  inner: PayloadStore,
  gate: () => Promise<void> = async () => {},
): CountedPayloadStore {
  let calls: string[] = [];
  const counted = async <T>(name: string, read: Promise<T>): Promise<T> => {
    calls.push(name);
    const answer = await read;
    await gate();
    return answer;
  };
  return {
    store: {
      ...inner,
      get: (key) => counted("get", inner.get(key)),
      getRanges: (key, ranges) => counted(`getRanges ${ranges.length}`, inner.getRanges(key, ranges)),
      validator: (key) => counted("validator", Promise.resolve(inner.validator?.(key))),
    },
    calls() {
      const made = calls;
      calls = [];
      return made;
    },
  };
}
