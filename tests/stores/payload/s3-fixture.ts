import { type S3PayloadStoreOptions, s3PayloadStore } from "../../../src/stores/payload/drivers/s3.ts";
import type { PayloadStore } from "../../../src/stores/payload/payload-store.ts";
import { parseS3Location } from "../../../src/stores/s3/location.ts";
import type { OpenPayloadStore } from "../../conformance/payload-store.suite.ts";
import { type FreshBucket, freshBucket } from "../../servers/s3.ts";

/** A store in a bucket of its own. */
export interface OpenS3PayloadStore extends OpenPayloadStore {
  readonly fresh: FreshBucket;
  readonly reopen: () => Promise<PayloadStore>;
}

export async function openS3PayloadStore(
  options: Partial<S3PayloadStoreOptions> = {},
  decorate = (store: PayloadStore) => store,
): Promise<OpenS3PayloadStore> {
  const fresh = await freshBucket();
  const open = () =>
    decorate(s3PayloadStore({ location: parseS3Location(fresh.url), credentials: fresh.credentials, ...options }));
  const store = open();
  return {
    store,
    fresh,
    reopen: async () => open(),
    async [Symbol.asyncDispose]() {
      await store.close();
      await fresh[Symbol.asyncDispose]();
    },
  };
}
