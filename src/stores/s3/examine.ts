/** What a bucket's server and settings promise, beyond that it answers. */
import { GetBucketVersioningCommand, HeadObjectCommand } from "@aws-sdk/client-s3";
import { clockFinding, type Finding } from "../../base/finding.ts";
import type { Bucket } from "./bucket.ts";
import { isMissing } from "./fault.ts";
import type { BucketFormat } from "./format.ts";

/** @throws STORE_UNAVAILABLE */
export async function examineBucket(bucket: Bucket, format: BucketFormat): Promise<readonly Finding[]> {
  const { hasConditionalWrites } = await format.prepare();
  const conditions: Finding = hasConditionalWrites
    ? { subject: "conditional writes", state: "ok", text: "the server keeps what exists (If-None-Match)" }
    : {
        subject: "conditional writes",
        state: "warning",
        text: "the server ignores If-None-Match: one more call a write, and equal keys at one moment are not told apart",
      };
  return [conditions, await examineClock(bucket), ...(await examineVersioning(bucket))];
}

async function examineClock(bucket: Bucket): Promise<Finding> {
  const command = new HeadObjectCommand({ Bucket: bucket.location.bucket, Key: bucket.keyOf("FORMAT") });
  let serverTime = Number.NaN;
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { headers } = result.response as { readonly headers: Readonly<Record<string, string>> };
      serverTime = Date.parse(headers.date ?? "");
      return result;
    },
    { step: "deserialize", name: "serverTime" },
  );
  const before = Date.now();
  await bucket.run(0, async ({ options }) => {
    await bucket.client.send(command, options).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  });
  // HTTP tells whole seconds: the middle of one is off by half at most.
  return clockFinding(serverTime + 500, before, Date.now());
}

/** Nothing where the bucket's settings are not for us to read. */
async function examineVersioning(bucket: Bucket): Promise<readonly Finding[]> {
  const command = new GetBucketVersioningCommand({ Bucket: bucket.location.bucket });
  const answer = await bucket.run(0, ({ options }) => bucket.client.send(command, options)).catch(() => undefined);
  if (!answer) return [];
  if (answer.Status !== "Enabled")
    return [{ subject: "versioning", state: "ok", text: "off: what is deleted is gone" }];
  const text = "on: what is deleted stays as an old version. Add a lifecycle rule that ends noncurrent versions";
  return [{ subject: "versioning", state: "warning", text }];
}
