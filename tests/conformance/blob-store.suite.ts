/** What every BlobStore must do (src/stores/blob/blob-store.ts). */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { BlobStore } from "../../src/stores/blob/blob-store.ts";

export interface OpenBlobStore extends AsyncDisposable {
  readonly store: BlobStore;
  /** A second store on the same medium, after a restart. Left out where nothing outlives the process. */
  readonly reopen?: () => Promise<BlobStore>;
}

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString();
const absent = "0".repeat(64);

export function blobStoreSuite(name: string, open: () => Promise<OpenBlobStore>): void {
  describe(`blob store: ${name}`, () => {
    test("gives each blob the SHA-256 of its bytes as id, and the bytes back by it", async () => {
      await using opened = await open();
      for (const size of [0, 1, 70_000, 1_000_000]) {
        const bytes = Buffer.alloc(size, size % 251);
        const blobId = await opened.store.put(bytes);
        expect(blobId).toBe(createHash("sha256").update(bytes).digest("hex"));
        expect(await opened.store.size(blobId)).toBe(size);
        expect(Buffer.compare((await opened.store.get(blobId)) ?? bytesOf("missing"), bytes)).toBe(0);
      }
    });

    test("takes equal bytes again, one after the other and at once", async () => {
      await using opened = await open();
      const blobId = await opened.store.put(bytesOf("same"));
      const again = await Promise.all(Array.from({ length: 16 }, () => opened.store.put(bytesOf("same"))));
      expect(new Set(again)).toEqual(new Set([blobId]));
      const fresh = await Promise.all(Array.from({ length: 16 }, () => opened.store.put(bytesOf("fresh"))));
      expect(new Set(fresh).size).toBe(1);
      expect(textOf(await opened.store.get(fresh[0] ?? ""))).toBe("fresh");
    });

    test("keeps the bytes it was given, though the caller uses the buffer again", async () => {
      await using opened = await open();
      const buffer = bytesOf("first");
      const blobId = await opened.store.put(buffer);
      buffer.fill(0);
      expect(textOf(await opened.store.get(blobId))).toBe("first");
    });

    test.each([absent, "", "../FORMAT", "../../../../etc/passwd", absent.slice(1), absent.replace("0", "A"), "\0"])(
      "answers undefined for the missing id %j",
      async (blobId) => {
        await using opened = await open();
        await opened.store.put(bytesOf("something"));
        expect(await opened.store.get(blobId)).toBeUndefined();
        expect(await opened.store.size(blobId)).toBeUndefined();
        await opened.store.delete([blobId]);
      },
    );

    test("deletes for good, and takes the same bytes afterwards", async () => {
      await using opened = await open();
      const blobId = await opened.store.put(bytesOf("gone"));
      await opened.store.delete([blobId, absent]);
      expect(await opened.store.get(blobId)).toBeUndefined();
      expect(await opened.store.size(blobId)).toBeUndefined();
      expect(await opened.store.put(bytesOf("gone"))).toBe(blobId);
      expect(textOf(await opened.store.get(blobId))).toBe("gone");
    });

    test("answers a ping while it is open, and STORE_UNAVAILABLE once it is closed", async () => {
      await using opened = await open();
      const { store } = opened;
      await store.ping();
      const last = store.put(bytesOf("last"));
      await store.close();
      await store.close();
      await last;
      const calls = [
        store.ping(),
        store.get(absent),
        store.size(absent),
        store.put(bytesOf("b")),
        store.delete([absent]),
      ];
      for (const call of calls) await expect(call).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    });

    test("finds everything after a restart", async ({ skip }) => {
      await using opened = await open();
      const { store, reopen } = opened;
      if (!reopen) return skip("nothing outlives the process");
      const blobId = await store.put(bytesOf("kept"));
      await store.close();
      const reopened = await reopen();
      expect(textOf(await reopened.get(blobId))).toBe("kept");
      await reopened.close();
    });
  });
}
