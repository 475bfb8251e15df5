/** A gateway whose disk is full, locked or damaged: the answer has a code, other resources are served, and it goes on by itself afterwards. */
import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { binary, createGateway, z } from "../../src/index.ts";
import { asOrdinaryUser } from "../stores/ordinary-user.ts";
import { skippedWithoutMounts, smallDisk } from "../stores/small-disk.ts";
import { temporaryDirectory } from "../stores/temporary-directory.ts";

const skipped = await skippedWithoutMounts();
const schema = z.object({ title: z.string(), text: z.string().default(""), file: binary().nullish() });
const random = (bytes: number) => Buffer.from(Array.from({ length: bytes }, () => Math.random() * 256));

interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { readonly path?: readonly unknown[]; readonly extensions: { readonly code: string } }[];
}

function openGateway(folder: string, meta: string) {
  const [payload, blob] = [join(folder, "payload"), join(folder, "blob")];
  const gateway = createGateway({
    ...{ meta: `${meta}:${join(folder, "meta")}`, payload: `disk:${payload}`, blob: `disk:${blob}` },
    ...{ payloadCacheBytes: 0, logLevel: "silent", authenticate: () => "ann" },
  });
  const notes = gateway.addModel("Note", schema, { indexedFields: ["title"] });
  const send = (path: string, init?: RequestInit) => gateway.fetch(new Request(`http://weft.test${path}`, init));
  const graphql = async (query: string, variables: object = {}): Promise<Answer> => {
    const body = JSON.stringify({ query, variables });
    const response = await send("/graphql", { method: "POST", headers: { "content-type": "application/json" }, body });
    return (await response.json()) as Answer;
  };
  const create = async (title: string, data: object = {}): Promise<string> => {
    const query = "mutation ($data: NoteInput!) { createNote(data: $data) { meta { resourceId } } }";
    const { errors } = await graphql(query, { data: { title, text: random(60_000).toString("hex"), ...data } });
    return errors?.[0]?.extensions.code ?? "done";
  };
  /** Of indexed data alone: no payload is read. */
  const titles = async () => {
    const { data } = await graphql("{ noteList { data { title } } }");
    return ((data?.noteList ?? []) as { data: { title: string } }[]).map(({ data: { title } }) => title).sort();
  };
  const isReady = async () => (await send("/health/ready")).status === 200;
  return { gateway, notes, send, graphql, create, titles, isReady, payload, blob };
}

type Opened = ReturnType<typeof openGateway>;

async function whenReady({ isReady }: Opened): Promise<void> {
  for (const giveUpAt = Date.now() + 10_000; !(await isReady()); await sleep(100)) {
    if (Date.now() > giveUpAt) throw new Error("It is not ready again within 10 s");
  }
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /^[0-9a-f]{64}$/.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name));
}

describe.skipIf(skipped !== "")(`a gateway on a full disk ${skipped}`, () => {
  it.each([
    ["disk", 8],
    ["sqlite", 8],
    ["pglite", 160],
  ])(
    "with meta on %s: STORE_UNAVAILABLE, what is there is served, nothing half visible, and it goes on",
    async (meta, mebibytes) => {
      await using disk = await smallDisk(mebibytes);
      const opened = openGateway(disk.path, meta);
      const { gateway, notes, create, titles } = opened;
      const { meta: head } = await notes.create({ title: "first" });
      await disk.fill();
      const base64 = { data: random(60_000).toString("base64") };
      expect(await create("second")).toBe("STORE_UNAVAILABLE");
      expect(await create("third", { file: { base64 } })).toBe("STORE_UNAVAILABLE");
      expect(await opened.isReady()).toBe(false);
      expect((await notes.get(head.resourceId)).data.title).toBe("first");
      expect(await titles()).toEqual(["first"]);
      await disk.free();
      await whenReady(opened);
      expect(await create("fourth", { file: { base64 } })).toBe("done");
      expect(await titles()).toEqual(["first", "fourth"]);
      expect(await readdir(join(opened.payload, "tmp"))).toEqual([]);
      expect(await readdir(join(opened.blob, "tmp"))).toEqual([]);
      await gateway.close();
      const again = openGateway(disk.path, meta);
      expect(await again.titles()).toEqual(["first", "fourth"]);
      await again.gateway.close();
    },
  );
});

describe("a gateway whose payloads may not be touched", () => {
  it("answers STORE_UNAVAILABLE, serves what needs none, and goes on when they may", async () => {
    await using temporary = await temporaryDirectory();
    const opened = openGateway(temporary.path, "disk");
    const { notes, create, titles, gateway } = opened;
    await notes.create({ title: "at first" });
    await asOrdinaryUser(temporary.path, async () => {
      const { meta: head } = await notes.create({ title: "before" });
      await chmod(opened.payload, 0o000);
      expect(await create("during")).toBe("STORE_UNAVAILABLE");
      await expect(notes.get(head.resourceId)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
      expect(await titles()).toEqual(["at first", "before"]);
      expect(await opened.isReady()).toBe(false);
      await chmod(opened.payload, 0o755);
      await whenReady(opened);
      expect((await notes.get(head.resourceId)).data.title).toBe("before");
      expect(await create("after")).toBe("done");
    });
    expect(await titles()).toEqual(["after", "at first", "before"]);
    await gateway.close();
  });
});

const damages: readonly (readonly [string, (bytes: Buffer) => Uint8Array])[] = [
  ["was truncated", (bytes) => bytes.subarray(0, bytes.length - 1)],
  ["is empty", () => new Uint8Array()],
  ["has a flipped bit", (bytes) => Buffer.from(bytes.map((byte, at) => (at === bytes.length >> 1 ? byte ^ 1 : byte)))],
  ["has grown", (bytes) => Buffer.concat([bytes, Buffer.alloc(1)])],
];

describe.each(damages)("a file that %s", (_name, damage) => {
  async function damageAll(files: readonly string[]): Promise<void> {
    for (const file of files) await writeFile(file, damage(await readFile(file)));
  }

  it.each([10, 100_000])(
    "of a payload of %i bytes is PAYLOAD_CORRUPT; others of the list are served, and a new revision mends it",
    async (size) => {
      await using temporary = await temporaryDirectory();
      const { notes, graphql, payload, gateway } = openGateway(temporary.path, "disk");
      const { meta: head } = await notes.create({ title: "damaged", text: "x".repeat(size) });
      const damaged = await filesIn(payload);
      await notes.create({ title: "well", text: "well" });
      await damageAll(damaged);
      const { data, errors } = await graphql("{ noteList { meta { resourceId } data { text } } }");
      expect([errors?.map(({ extensions }) => extensions.code), JSON.stringify(data)]).toEqual([
        ["PAYLOAD_CORRUPT"],
        expect.stringContaining('"text":"well"'),
      ]);
      await notes.update(head.resourceId, { title: "mended", text: "new" });
      expect((await notes.get(head.resourceId)).data.text).toBe("new");
      await gateway.close();
    },
  );

  it.each([1000, 600_000])("of a blob of %i bytes never arrives whole", async (size) => {
    await using temporary = await temporaryDirectory();
    const { notes, send, blob, gateway } = openGateway(temporary.path, "disk");
    const bytes = random(size);
    const { data } = await notes.create({ title: "t", file: { base64: { data: bytes.toString("base64") } } });
    const { fileId = "" } = data.file ?? {};
    expect(Buffer.from(await (await send(`/blobs/${fileId}`)).arrayBuffer()).equals(bytes)).toBe(true);
    await damageAll((await filesIn(blob)).filter((path) => path.endsWith(fileId)));
    const response = await send(`/blobs/${fileId}`);
    if (size < 100_000) {
      expect([response.status, await response.json()]).toEqual([
        500,
        expect.objectContaining({ code: "PAYLOAD_CORRUPT" }),
      ]);
    } else if (response.status === 200) await expect(response.arrayBuffer()).rejects.toThrow();
    await gateway.close();
  });
});
