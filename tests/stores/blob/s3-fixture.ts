import type { BlobStore } from "../../../src/stores/blob/blob-store.ts";
import { type S3BlobStoreOptions, s3BlobStore } from "../../../src/stores/blob/drivers/s3.ts";
import { parseS3Location } from "../../../src/stores/s3/location.ts";
import type { OpenBlobStore } from "../../conformance/blob-store.suite.ts";
import { type FreshBucket, freshBucket } from "../../servers/s3.ts";

/** A store in a bucket of its own. */
export interface OpenS3BlobStore extends OpenBlobStore {
  readonly fresh: FreshBucket;
  readonly reopen: (options?: Partial<S3BlobStoreOptions>) => Promise<BlobStore>;
}

export async function openS3BlobStore(options: Partial<S3BlobStoreOptions> = {}): Promise<OpenS3BlobStore> {
  const fresh = await freshBucket();
  const open = (more: Partial<S3BlobStoreOptions> = {}) =>
    s3BlobStore({ location: parseS3Location(fresh.url), credentials: fresh.credentials, ...options, ...more });
  const store = open();
  return {
    store,
    fresh,
    reopen: async (more) => open(more),
    async [Symbol.asyncDispose]() {
      await store.close();
      await fresh[Symbol.asyncDispose]();
    },
  };
}
