/** What a store is measured beside. README.md says what each does. */
import type { Commit, MetaStore } from "../../src/stores/meta/meta-store.ts";
import type { PayloadStore } from "../../src/stores/payload/payload-store.ts";

export interface MetaSide {
  /** The head, its times, numbers and indexed data as values of JavaScript. */
  get(resourceId: string): Promise<unknown>;
  /** One write with a head and a new revision; for a `MetaStore` any commit. Rejects where it did not happen. */
  write(commit: Commit): Promise<unknown>;
  close(): Promise<unknown>;
}

export interface PayloadSide {
  get(key: string): Promise<unknown>;
  write(key: string, bytes: Uint8Array): Promise<unknown>;
  close(): Promise<unknown>;
}

export function metaSide(store: MetaStore): MetaSide {
  return {
    async get(resourceId) {
      const [head] = await store.heads([resourceId]);
      if (head === undefined) throw new Error(`${resourceId} is not there.`);
    },
    async write(commit) {
      const { isCommitted } = await store.commit(commit);
      if (!isCommitted) throw new Error("The head is not the one expected.");
    },
    close: () => store.close(),
  };
}

export function payloadSide(store: PayloadStore): PayloadSide {
  return {
    async get(key) {
      if ((await store.get(key)) === undefined) throw new Error(`${key} is not there.`);
    },
    write: (key, bytes) => store.put(key, bytes),
    close: () => store.close(),
  };
}
