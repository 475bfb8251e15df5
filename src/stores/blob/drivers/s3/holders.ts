/**
 * Who holds a blob, on S3: an empty-handed listing tells the holders, since their names are the keys.
 *
 *     holders/<blob id>/<holder>    JSON { holder, note }; the holder made safe by `stores/s3/object-names.ts`,
 *                                   "!long-" and its SHA-256 where that gets too long
 */
import { hash } from "node:crypto";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { Bucket } from "../../../s3/bucket.ts";
import { segmentOf, textOfSegment } from "../../../s3/object-names.ts";
import { headObject, listObjects, readObject, removeObjects } from "../../../s3/objects.ts";
import type { BlobHolders } from "../../blob-store.ts";
import { isBlobId } from "../blob-id.ts";
import type { Condemned } from "./condemned.ts";

export interface S3Holders extends BlobHolders {
  /** When each note of a blob was written, in whole seconds. */
  times(blobId: string): AsyncIterable<Date>;
  /** All notes of these blobs. */
  remove(blobIds: readonly string[]): Promise<void>;
}

interface Note {
  readonly holder: string;
  readonly note: string;
}

const maxSegment = 600;
const listingsAtOnce = 8;

export interface HolderPlaces {
  readonly bucket: Bucket;
  readonly keyOf: (blobId: string) => string;
  readonly condemned: Condemned;
  /** Awaited before each write. */
  readonly prepare: () => Promise<unknown>;
}

export function s3Holders({ bucket, keyOf, condemned, prepare }: HolderPlaces): S3Holders {
  const prefixOf = (blobId: string) => bucket.keyOf(`holders/${blobId}/`);
  const isThere = async (key: string) =>
    (await bucket.run(0, (deadline) => headObject(bucket, deadline, key))) !== undefined;
  const read = async (key: string): Promise<Note | undefined> => {
    const bytes = await bucket.run(0, (deadline) => readObject(bucket, deadline, { key }));
    return bytes && (JSON.parse(Buffer.from(bytes).toString()) as Note);
  };

  return {
    add: (blobId, holder, note) =>
      bucket.write(async () => {
        await prepare();
        if (!isBlobId(blobId)) return false;
        const key = prefixOf(blobId) + nameOf(holder);
        const place = { Bucket: bucket.location.bucket, Key: key };
        const command = new PutObjectCommand({ ...place, Body: JSON.stringify({ holder, note } satisfies Note) });
        const write = () => bucket.run(0, ({ options }) => bucket.client.send(command, options));
        await write();
        await condemned.over(blobId);
        const [blob, noted] = await Promise.all([isThere(keyOf(blobId)), isThere(key)]);
        // Notes go with their blob, this one too, where the bytes came again in between.
        if (blob && !noted) await write();
        return blob;
      }),
    async *times(blobId) {
      for await (const { writtenTime } of listObjects(bucket, prefixOf(blobId))) yield writtenTime;
    },
    async note(blobId, holder) {
      bucket.checkOpen();
      return isBlobId(blobId) ? (await read(prefixOf(blobId) + nameOf(holder)))?.note : undefined;
    },
    async *list(blobId) {
      bucket.checkOpen();
      if (!isBlobId(blobId)) return;
      for await (const { name } of listObjects(bucket, prefixOf(blobId))) {
        const holder = textOfSegment(name) ?? (await read(prefixOf(blobId) + name))?.holder;
        if (holder !== undefined) yield holder;
      }
    },
    async remove(blobIds) {
      const rest = blobIds.values();
      const worker = async () => {
        for (const blobId of rest) await removeBelow(bucket, prefixOf(blobId));
      };
      await Promise.all(Array.from({ length: Math.min(listingsAtOnce, blobIds.length) }, worker));
    },
  };
}

function nameOf(holder: string): string {
  const segment = segmentOf(holder);
  return segment.length <= maxSegment ? segment : `!long-${hash("sha256", holder, "hex")}`;
}

async function removeBelow(bucket: Bucket, prefix: string): Promise<void> {
  const keys: string[] = [];
  for await (const { name } of listObjects(bucket, prefix)) keys.push(prefix + name);
  await removeObjects(bucket, keys);
}
