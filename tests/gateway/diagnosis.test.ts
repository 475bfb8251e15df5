/** What `weft doctor` says of parts that are well, that promise too little, and that are not there. */
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterEach, describe, expect, it } from "vitest";
import { permissionsFinding, spaceFinding } from "../../src/base/directory-findings.ts";
import { clockFinding } from "../../src/base/finding.ts";
import { createGateway, type Gateway, type GatewayOptions } from "../../src/index.ts";
import { memoryBlobStore } from "../../src/stores/blob/drivers/memory.ts";
import { freshDatabase, skippedWithoutPostgres } from "../servers/postgres.ts";
import { freshAmqpNamespace, skippedWithoutRabbitmq } from "../servers/rabbitmq.ts";
import { freshRedisNamespace, skippedWithoutRedis } from "../servers/redis.ts";
import { startPostgres } from "../servers/start-postgres.ts";
import { startRabbitmq } from "../servers/start-rabbitmq.ts";
import { startRedis } from "../servers/start-redis.ts";
import { temporaryDirectory } from "../stores/temporary-directory.ts";

const gateways: Gateway[] = [];
afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.close();
});

async function diagnose(options: Parameters<typeof createGateway>[0]) {
  const gateway = createGateway({ payload: "memory:", blob: "memory:", logLevel: "silent", ...options });
  gateways.push(gateway);
  const lines: string[] = [];
  for await (const { part, kind, findings } of gateway.diagnose()) {
    for (const { subject, state, text } of findings) lines.push(`${part} ${kind} ${subject} ${state}: ${text}`);
  }
  return lines;
}

describe("a diagnosis", () => {
  it("goes through each part, one's own stores too, and a part that fails hides no other", async () => {
    const lines = await diagnose({ meta: "postgres://me:secret@127.0.0.1:1/x", blob: memoryBlobStore() });
    expect(lines.map((line) => line.split(":")[0])).toEqual([
      "meta postgres usable error",
      "payload memory usable ok",
      "payload memory durability warning",
      "blob own usable ok",
      "bus local usable ok",
      "queue local usable ok",
    ]);
    expect(lines[0]).toContain("WEFT_META");
    expect(lines.join()).not.toContain("secret");
  });

  it("says of the embedded database that a loss of power may cost more than kill -9", async () => {
    const lines = await diagnose({ meta: "pglite:memory" });
    expect(lines).toContainEqual(expect.stringMatching(/^meta pglite durability warning: fsync/));
  });

  it("warns where one store is gone with the process and another lasts", async () => {
    await using directory = await temporaryDirectory();
    const lasting = `disk:${join(directory.path, "payload")}`;
    const warnings = async (stores: GatewayOptions) =>
      (await diagnose(stores)).filter((line) => line.includes("neither is of use without the other"));
    expect(await warnings({ meta: "memory:" })).toEqual([]);
    expect(await warnings({ meta: "memory:", payload: lasting })).toEqual([
      expect.stringMatching(
        /^meta memory durability warning: .*WEFT_PAYLOAD lasts.*Set WEFT_META to a store that lasts/,
      ),
      expect.stringMatching(/^blob memory durability warning: .*Set WEFT_BLOB/),
    ]);
  });

  it("looks at the directory of each store on disk: its space, its version and what it survives", async () => {
    await using directory = await temporaryDirectory();
    const at = (part: string) => join(directory.path, part);
    const stores = { payload: `disk:${at("payload")}`, blob: `disk:${at("blob")}` };
    const aspects = ["access ok", "permissions ok", "space ok"];
    for (const [meta, own] of [
      [`disk:${at("disk")}`, []],
      [`sqlite:${at("sqlite/meta.db")}`, ["durability ok", "version ok"]],
      [`pglite:${at("pglite")}`, ["clock ok", "durability warning", "pg_trgm warning", "version ok"]],
    ] as const) {
      const lines = await diagnose({ meta, ...stores });
      const of = (part: string) =>
        lines.filter((line) => line.startsWith(part)).map((line) => /^\S+ \S+ ([^:]+):/.exec(line)?.[1]);
      const known = [...aspects, ...own, "usable ok"].sort();
      expect(
        of("meta")
          .map((line) => line?.replace("space warning", "space ok"))
          .sort(),
      ).toEqual(known);
      for (const part of ["payload", "blob"]) {
        expect(
          of(part)
            .map((line) => line?.replace("space warning", "space ok"))
            .sort(),
        ).toEqual([...aspects, "usable ok"]);
      }
    }
    await chmod(at("payload"), 0o777);
    expect(await diagnose({ meta: "memory:", ...stores })).toContainEqual(
      expect.stringMatching(/^payload disk permissions warning: any user may write there: chmod o-w/),
    );
  });

  it("warns of a disk that is nearly full, and says who else may read", () => {
    const gibibyte = 1024 ** 3;
    expect(spaceFinding(2 * gibibyte, 20 * gibibyte)).toMatchObject({
      state: "ok",
      text: "2.0 GiB free, 10 % of the file system",
    });
    expect(spaceFinding(gibibyte / 2, gibibyte)).toMatchObject({
      state: "warning",
      text: expect.stringMatching(/^0.5 GiB free/),
    });
    expect(spaceFinding(40 * gibibyte, 1000 * gibibyte)).toMatchObject({ state: "warning" });
    expect(permissionsFinding("/x", 0o700)).toMatchObject({ state: "ok", text: "700" });
    expect(permissionsFinding("/x", 0o755)).toMatchObject({
      state: "ok",
      text: expect.stringContaining("chmod o-rx /x"),
    });
    expect(permissionsFinding("/x", 0o757)).toMatchObject({ state: "warning" });
  });

  it("warns of a clock that is off", () => {
    expect(clockFinding(1000, 900, 1100).state).toBe("ok");
    expect(clockFinding(60_000, 900, 1100)).toMatchObject({
      state: "warning",
      text: expect.stringContaining("58.9 s"),
    });
    expect(clockFinding(1000, 90_000, 90_100)).toMatchObject({
      state: "warning",
      text: expect.stringContaining("89.0 s"),
    });
  });
});

const skipped = await skippedWithoutPostgres();

describe.skipIf(skipped !== "")(`a diagnosis of PostgreSQL ${skipped}`, () => {
  it("names its version and what its commits survive", async () => {
    await using database = await freshDatabase();
    const lines = await diagnose({ meta: database.url });
    expect(lines).toContainEqual(expect.stringMatching(/^meta postgres version ok: PostgreSQL [0-9]+/));
    expect(lines).toContain("meta postgres durability ok: fsync is on, synchronous_commit is on");
    expect(lines).toContain("meta postgres clock ok: agrees with ours");
  });

  it("calls a server that acknowledges what it may lose an error", async () => {
    const server = await startPostgres({ synchronous_commit: "off" });
    try {
      expect(await diagnose({ meta: server.url })).toContainEqual(
        expect.stringMatching(/^meta postgres durability error: synchronous_commit is off/),
      );
    } finally {
      await server.stop();
    }
  });
});

const withoutRedis = await skippedWithoutRedis();

describe.skipIf(withoutRedis !== "")(`a diagnosis of Redis ${withoutRedis}`, () => {
  it("names its version, role and clock, and of what lasts what it survives and how much room it has", async () => {
    await using place = await freshRedisNamespace();
    const secret = "x".repeat(32);
    const lines = await diagnose({ meta: place.url, bus: place.url, queue: place.url, secret });
    for (const part of ["meta", "bus", "queue"]) {
      expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^${part} redis version ok: Redis [0-9]`)));
      expect(lines).toContain(`${part} redis role ok: primary, with 0 replicas`);
      expect(lines).toContain(`${part} redis clock ok: agrees with ours`);
      const isKept = part !== "bus";
      expect(lines.includes(`${part} redis durability ok: appendonly is yes, appendfsync is always`)).toBe(isKept);
      expect(lines.some((line) => line.startsWith(`${part} redis memory ok:`))).toBe(isKept);
    }
    expect(lines.join()).not.toContain("secret");
    expect(lines.join()).not.toContain(new URL(place.url).password);
  });

  it("says which setting loses what, and that a replica takes no writes", async () => {
    const server = await startRedis({ appendonly: "no", maxmemory: "100mb", "maxmemory-policy": "allkeys-lru" });
    const client = new Redis(server.url);
    const line = async (of: RegExp) =>
      (await diagnose({ meta: "memory:", queue: server.url })).find((one) => one.startsWith("queue") && of.test(one));
    try {
      expect(await line(/ durability /)).toMatch(/warning: appendonly is no: .* Set appendonly to yes/);
      expect(await line(/ memory /)).toMatch(/error: maxmemory-policy is allkeys-lru: .* Set it to noeviction/);
      await client.config("SET", "maxmemory-policy", "noeviction");
      await client.config("SET", "appendonly", "yes");
      for (const [setting, value, expected] of [
        ["appendfsync", "everysec", /warning: appendfsync is everysec/],
        ["appendfsync", "no", /warning: appendfsync is no/],
      ] as const) {
        await client.config("SET", setting, value);
        expect(await line(/ durability /)).toMatch(expected);
      }
      expect(await line(/ memory /)).toMatch(/ok: .* of 105 MB, noeviction/);
      await client.replicaof("127.0.0.1", 1);
      expect(await line(/ role /)).toMatch(/error: a replica, .* name the primary/);
    } finally {
      client.disconnect();
      await server.stop();
    }
  });

  it("warns where nodes share a bus, and each signs links by a secret of its own", async () => {
    await using place = await freshRedisNamespace();
    const warning = expect.stringMatching(/^bus redis secret warning: WEFT_SECRET is unset: .* Set the same text/);
    expect(await diagnose({ meta: "memory:", bus: place.url })).toContainEqual(warning);
    expect(await diagnose({ meta: "memory:", bus: place.url, secret: "x".repeat(32) })).not.toContainEqual(warning);
    expect((await diagnose({ meta: "memory:" })).some((line) => line.includes("WEFT_SECRET"))).toBe(false);
  });
});

const withoutRabbitmq = await skippedWithoutRabbitmq();

describe.skipIf(withoutRabbitmq !== "")(`a diagnosis of RabbitMQ ${withoutRabbitmq}`, () => {
  it("names its version, what queues survive, and that it takes messages", async () => {
    const { url } = await freshAmqpNamespace();
    const lines = await diagnose({ meta: "memory:", bus: url, queue: url });
    for (const part of ["bus", "queue"]) {
      expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^${part} amqp version ok: RabbitMQ [0-9]`)));
      expect(lines).toContain(`${part} amqp alarms ok: none: messages are taken`);
    }
    expect(lines).toContainEqual(expect.stringMatching(/^queue amqp durability ok: durable classic queues/));
  });

  it("calls a broker that takes nothing, because it is low on memory, an error", async () => {
    const server = await startRabbitmq({ "vm_memory_high_watermark.absolute": "1MB" });
    try {
      const lines = await diagnose({ meta: "memory:", bus: server.url, queue: server.url });
      for (const part of ["bus", "queue"]) {
        expect(lines).toContainEqual(
          expect.stringMatching(
            new RegExp(`^${part} amqp alarms error: the broker takes no messages \\(low on memory\\): free`),
          ),
        );
      }
    } finally {
      await server.stop();
    }
  });
});
