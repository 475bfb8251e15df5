/**
 * The marker `<prefix>/FORMAT`, which says what lies in a prefix and in which layout: "weft <content> <version>". It is made
 * by the first write. Making it once more shows whether the server keeps what exists when asked to (If-None-Match: *).
 */
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { ConfigurationError } from "../../base/errors.ts";
import type { Bucket, Deadline } from "./bucket.ts";
import { isRefusedCondition } from "./fault.ts";
import { readObject } from "./objects.ts";

const version = 1;

export interface BucketFormat {
  /** Before reads: nothing is written. @throws ConfigurationError where the prefix holds something else, or a newer layout */
  check(): Promise<void>;
  /** Before writes. */
  prepare(): Promise<ServerSkills>;
}

export interface ServerSkills {
  /** Whether `If-None-Match: *` keeps what exists. */
  readonly hasConditionalWrites: boolean;
}

/** @param content one word: what is kept here */
export function bucketFormat(bucket: Bucket, content: string): BucketFormat {
  const key = bucket.keyOf("FORMAT");
  const text = `weft ${content} ${version}\n`;
  let checked: Promise<void> | undefined;
  let prepared: Promise<ServerSkills> | undefined;

  const check = async (deadline: Deadline) => {
    const found = await readObject(bucket, deadline, { key });
    if (found) checkFormat(Buffer.from(found).toString(), content, key);
    return found !== undefined;
  };
  /** Whether the marker exists now; undefined where the server does not know the condition. */
  const make = async ({ options }: Deadline): Promise<"made" | "kept" | "unknown condition"> => {
    const command = new PutObjectCommand({
      Bucket: bucket.location.bucket,
      Key: key,
      Body: text,
      ContentType: "text/plain",
      IfNoneMatch: "*",
    });
    try {
      await bucket.client.send(command, options);
      return "made";
    } catch (error) {
      if (isRefusedCondition(error)) return "kept";
      if (!isNotImplemented(error)) throw error;
      await bucket.client.send(new PutObjectCommand({ ...command.input, IfNoneMatch: undefined }), options);
      return "unknown condition";
    }
  };

  return {
    check() {
      checked ??= bucket
        .run(0, async (deadline) => {
          await check(deadline);
        })
        .catch((error) => {
          checked = undefined;
          throw error;
        });
      return checked;
    },
    prepare() {
      prepared ??= bucket
        .run(0, async (deadline) => {
          // A marker that another process makes meanwhile is looked at too.
          if (!(await check(deadline)) && (await make(deadline)) === "kept") await check(deadline);
          return { hasConditionalWrites: (await make(deadline)) === "kept" };
        })
        .catch((error) => {
          prepared = undefined;
          throw error;
        });
      return prepared;
    },
  };
}

function isNotImplemented(error: unknown): boolean {
  return error instanceof Error && error.name === "NotImplemented";
}

function checkFormat(text: string, content: string, key: string): void {
  const format = text.trim();
  const [, kind, found] = /^weft (\S+) ([0-9]+)$/.exec(format) ?? [];
  if (kind !== content)
    throw new ConfigurationError(`${key} says "${format.slice(0, 40)}", not weft's ${content} objects`);
  if (Number(found) > version) {
    throw new ConfigurationError(`${key} says layout ${found}; this version of weft knows layout ${version}`);
  }
}
