/** Blobs of a resource that its policies hide from the actor: 404 by id, hash or guess, through every door. */
import { createHash } from "node:crypto";
import { pino } from "pino";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { WeftError } from "../../../src/base/errors.ts";
import { createSigner } from "../../../src/base/signature.ts";
import { createBlobRoutes } from "../../../src/faces/blobs/blobs.ts";
import { binary } from "../../../src/model/binary.ts";
import { createBlobLinks } from "../../../src/resource/blob-links.ts";
import type { Policy } from "../../../src/resource/policy.ts";
import { createSession } from "../../../src/resource/session.ts";
import { createUploads } from "../../../src/resource/uploads.ts";
import { openModel } from "../../resource/open-model.ts";

const onlyAnn: Policy = ({ actor, action }) => {
  if (action === "getOne" && actor !== "ann") throw new WeftError("FORBIDDEN");
};
const schema = z.object({ title: z.string(), file: binary().nullish() });

async function open() {
  const { manager, model, services } = openModel("Doc", schema, { model: { policies: { universal: [onlyAnn] } } });
  const signer = createSigner("of this test");
  const links = createBlobLinks(signer, 60);
  const uploads = createUploads({ signer, maxBytes: 1000, expiresSeconds: 60 });
  const [blobs] = createBlobRoutes({
    services: () => services,
    registry: { byResourceId: model.modelOf },
    links,
    uploads,
    createSession: async ({ headers }) => createSession(services, { actor: headers.get("x-actor") }),
    cors: { headers: () => undefined, preflight: () => ({}) },
    log: pino({ level: "silent" }),
    stallMs: 1000,
  });
  const data = Buffer.from("ann's own").toString("base64");
  const { meta, revision, data: made } = await manager.as("ann").create({ title: "a", file: { base64: { data } } });
  const get = async (path: string, actor?: string, init: RequestInit = {}) => {
    const headers = { ...init.headers, ...(actor === undefined ? {} : { "x-actor": actor }) };
    const request = new Request(`http://weft.test${path}`, { ...init, headers });
    const response = await blobs?.fetch(request, { requestId: "1" });
    return [response?.status, await response?.text()] as const;
  };
  const file = made.file ?? { fileId: "", contentType: "" };
  return { manager, services, links, uploads, get, resourceId: meta.resourceId, revisionId: revision.revisionId, file };
}

describe("a blob of a hidden resource", () => {
  test("is served to whoever may read the resource, and 404 for others, the same as one that is missing", async () => {
    const { get, file, resourceId, revisionId } = await open();
    const { fileId } = file;
    const [, missing] = await get(`/blobs/${"0".repeat(64)}`, "bob");
    for (const query of ["", `?resourceId=${resourceId}`, `?revisionId=${revisionId}`]) {
      expect(await get(`/blobs/${fileId}${query}`, "ann")).toEqual([200, "ann's own"]);
      for (const actor of ["bob", undefined]) {
        const [status, text] = await get(`/blobs/${fileId}${query}`, actor);
        expect([status, text]).toEqual([404, missing?.replace("0".repeat(64), fileId)]);
        // Nor do other ways of asking tell one that is hidden from one that is not there.
        const inits: RequestInit[] = [
          { method: "HEAD" },
          { headers: { range: "bytes=0-1" } },
          { headers: { "if-none-match": `"${fileId}"` } },
        ];
        for (const init of inits) expect((await get(`/blobs/${fileId}${query}`, actor, init))[0]).toBe(404);
      }
    }
  });

  test("cannot be referred to by others, nor read through a manager", async () => {
    const { manager, file, resourceId } = await open();
    const bob = manager.as("bob");
    const { fileId } = file;
    for (const stolen of [
      bob.create({ title: "b", file: { fileId } }),
      bob.create({ title: "b", file: { fileId, resourceId } }),
      bob.getBlob(resourceId, fileId),
      bob.getBlobUrl(resourceId, fileId),
    ]) {
      await expect(stolen).rejects.toMatchObject({ code: "BLOB_NOT_FOUND" });
    }
    await expect(bob.restoreBinary(resourceId)).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect((await manager.as("ann").create({ title: "c", file: { fileId } })).data.file?.fileId).toBe(fileId);
  });

  test("cannot be had by announcing an upload of its hash", async () => {
    const { services, uploads, file } = await open();
    const context = { services, session: createSession(services, { actor: "bob" }) };
    const sha256 = createHash("sha256").update("ann's own").digest("hex");
    expect(sha256).toBe(file.fileId);
    const { uploadId } = await uploads.prepare(context, { contentType: "text/plain", size: 9, sha256 });
    await expect(uploads.complete(context, uploadId)).rejects.toMatchObject({ code: "BLOB_NOT_FOUND" });
  });

  test("is opened by a link that somebody made who could read it, until that expires", async () => {
    const { get, links, file } = await open();
    const link = links.to(file);
    expect(await get(link, "bob")).toEqual([200, "ann's own"]);
    const [status] = await get(
      link.replace(/expires=\d+/, `expires=${Math.floor(Date.now() / 1000) + 9_999_999}`),
      "bob",
    );
    expect(status).toBe(404);
    const past = createBlobLinks(createSigner("of this test"), -1_000_000).to(file);
    expect((await get(past, "bob"))[0]).toBe(404);
    expect((await get(past, "ann"))[0]).toBe(200);
  });
});
