import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { config, makeFolder, type Running, weft } from "./weft.ts";

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error("It never came true");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function urlOf(running: Running, time = 1): Promise<string> {
  const ready = /^weft ready at (\S+)$/gm;
  await until(() => [...running.out.matchAll(ready)].length >= time || running.child.exitCode !== null);
  const url = [...running.out.matchAll(ready)][time - 1]?.[1];
  if (url === undefined) throw new Error(running.err);
  return url;
}

async function ask(url: string, query: string): Promise<unknown> {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ query }) };
  return (await fetch(url, init)).json();
}

describe("weft start", () => {
  it("says one line, serves, and exits with 0 when it is asked to", async () => {
    using folder = makeFolder({ "weft.config.ts": config("Monster") });
    await using running = weft(folder, ["start"]);
    const url = await urlOf(running);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/graphql$/);
    expect(await ask(url, 'mutation { createMonster(data: { name: "Bat" }) { data { name } } }')).toEqual({
      data: { createMonster: { data: { name: "Bat" } } },
    });
    const ready = await fetch(new URL("/health/ready", url));
    expect([ready.status, await ready.json()]).toMatchObject([200, { status: "ready" }]);
    running.child.kill("SIGTERM");
    expect(await running.exited).toBe(0);
    expect(running.out).toBe(`weft ready at ${url}\n`);
    for (const line of running.err.trim().split("\n")) expect(() => JSON.parse(line)).not.toThrow();
  });

  it("finishes a request that runs, and exits with 1 at the second signal", async () => {
    using folder = makeFolder({ "weft.config.ts": config("Monster") });
    await using running = weft(folder, ["start"]);
    const url = await urlOf(running);
    const stuck = fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: endless(),
      duplex: "half",
    } as RequestInit);
    stuck.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 200));
    running.child.kill("SIGINT");
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(running.child.exitCode).toBeNull();
    running.child.kill("SIGINT");
    expect(await running.exited).toBe(1);
  });

  it("takes a JavaScript config by its path, from another folder", async () => {
    using folder = makeFolder({ "other.mjs": config("Monster") });
    using elsewhere = makeFolder();
    await using running = weft(elsewhere, ["start", join(folder.path, "other.mjs")]);
    expect(await ask(await urlOf(running), "{ __typename }")).toEqual({ data: { __typename: "Query" } });
  });

  const mistakes: readonly (readonly [
    name: string,
    files: Record<string, string>,
    env: Record<string, string>,
    says: RegExp,
  ])[] = [
    ["no config module", {}, {}, /^weft: There is no weft\.config\.ts in .*\n$/],
    [
      "a config without a gateway",
      { "weft.config.ts": "export default { listen() {} };" },
      {},
      /^weft: weft\.config\.ts has no gateway as its default export.*\n$/,
    ],
    [
      "a gateway of another copy",
      { "weft.config.ts": 'export default { [Symbol("weft.gateway")]: true };' },
      {},
      /^weft: weft\.config\.ts exports a gateway of another copy of weft.*\n$/,
    ],
    ["a port that is no number", { "weft.config.ts": config("Monster") }, { PORT: "http" }, /^weft: PORT .*\n$/],
    [
      "an unknown store",
      { "weft.config.ts": config("Monster").replace('meta: "memory:", ', "") },
      { WEFT_META: "mongodb://user:secret@host/db" },
      /^weft: .*WEFT_META.*\n$/,
    ],
  ];
  it.each(mistakes)("stops at %s with one line and exit code 1", async (_name, files, env, says) => {
    using folder = makeFolder(files);
    await using running = weft(folder, ["start"], env);
    expect(await running.exited).toBe(1);
    expect(running.out).toBe("");
    expect(running.err).toMatch(says);
    expect(running.err).not.toContain("secret");
  });

  it("stops at a port that is taken, by its name", async () => {
    using folder = makeFolder({ "weft.config.ts": config("Monster") });
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    await using running = weft(folder, ["start"], { PORT: String((server.address() as AddressInfo).port) });
    expect(await running.exited).toBe(1);
    expect(running.err).toMatch(/^weft: .*PORT.*EADDRINUSE.*\n$/);
    server.close();
  });
});

describe("weft schema", () => {
  it("prints the SDL, or writes it", async () => {
    using folder = makeFolder({ "weft.config.ts": config("Monster") });
    await using printed = weft(folder, ["schema"]);
    expect(await printed.exited).toBe(0);
    expect(printed.out).toContain("type MonsterResource implements");
    await using written = weft(folder, ["schema", "--out", "schema.graphql"]);
    expect([await written.exited, written.out]).toEqual([0, ""]);
    expect(readFileSync(join(folder.path, "schema.graphql"), "utf8")).toBe(printed.out);
  });

  it("says in one line where it cannot write, or the config is a folder", async () => {
    using folder = makeFolder({ "weft.config.ts": config("Monster") });
    await using unwritable = weft(folder, ["schema", "--out", "missing/schema.graphql"]);
    expect([await unwritable.exited, unwritable.err]).toEqual([
      1,
      expect.stringMatching(/^weft: --out cannot be written: ENOENT.*\n$/),
    ]);
    await using misnamed = weft(folder, ["schema", folder.path]);
    expect([await misnamed.exited, misnamed.err]).toEqual([1, `weft: There is no config module ${folder.path}.\n`]);
  });
});

describe("weft dev", () => {
  it("starts anew when a file changes, survives a mistake, and exits with 0", async () => {
    using folder = makeFolder({ "weft.config.ts": config("Monster") });
    await using running = weft(folder, ["dev"]);
    expect(JSON.stringify(await ask(await urlOf(running), "{ __schema { queryType { fields { name } } } }"))).toContain(
      '"monster"',
    );
    folder.write("weft.config.ts", "export default nothing;");
    await until(() => running.err.includes("nothing is not defined"));
    folder.write("weft.config.ts", config("Dragon"));
    const url = await urlOf(running, 2);
    expect(JSON.stringify(await ask(url, "{ __schema { queryType { fields { name } } } }"))).toContain('"dragon"');
    running.child.kill("SIGTERM");
    expect(await running.exited).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
  });
});

function endless(): ReadableStream {
  return new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode("{")) });
}
