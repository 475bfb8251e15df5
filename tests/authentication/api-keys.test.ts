import { createHash } from "node:crypto";
import { describe, expect, expectTypeOf, it } from "vitest";
import { type ApiKey, type ApiKeysOptions, apiKeys } from "../../src/authentication/api-keys.ts";
import { ConfigurationError } from "../../src/base/errors.ts";
import { bearer, callOf } from "./issuer.ts";

const hash = (key: string) => createHash("sha256").update(key).digest("hex");
const plain = "key-of-the-build-server";
const hashed = "key-of-the-importer-0001";
const expiresAt = new Date(Date.now() + 60_000);
const keys: readonly ApiKey[] = [
  { key: plain, actor: "ci" },
  { sha256: hash(hashed).toUpperCase(), actor: { id: "importer", roles: ["writer"] }, expiresAt },
];
const byHeader = (key: string, header = "X-API-Key") => callOf({ headers: { [header]: key } });

describe("API keys", () => {
  it("name their actor, whether kept plainly or as hashes", async () => {
    const authenticate = apiKeys({ keys });
    expect(await authenticate(byHeader(plain))).toEqual({ actor: "ci", expiresAt: undefined });
    expect(await authenticate(byHeader(hashed))).toEqual({ actor: { id: "importer", roles: ["writer"] }, expiresAt });
  });

  it.each([
    ["a header of another name", byHeader(plain, "x-key")],
    ["the Authorization header", bearer(plain)],
    ["connection params", callOf({ params: { "X-Key": plain } })],
    ["headers in connection params", callOf({ params: { headers: { "x-key": plain } } })],
    ["authorization in connection params", callOf({ params: { authorization: `Bearer ${plain}` } })],
  ])("come by %s", async (_name, call) => {
    expect(await apiKeys({ keys, header: "X-Key" })(call)).toMatchObject({ actor: "ci" });
  });

  it("are looked up by their hash alone", async () => {
    const asked: string[] = [];
    const authenticate = apiKeys({
      async lookup(sha256) {
        asked.push(sha256);
        return sha256 === hash(plain) ? "ci" : null;
      },
    });
    expect(await authenticate(byHeader(plain))).toBe("ci");
    await expect(authenticate(byHeader("another-key-0000"))).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    expect(asked).toEqual([hash(plain), hash("another-key-0000")]);
  });

  it("are nobody where none is brought", async () => {
    expect(await apiKeys({ keys })(callOf({ params: {} }))).toBeNull();
  });

  it.each([[""], ["wrong"], [hash(hashed)], [plain.toUpperCase()], ["x".repeat(100_000)]])(
    "that are unknown are UNAUTHENTICATED",
    async (key) => {
      await expect(apiKeys({ keys })(callOf({ params: { "x-api-key": key } }))).rejects.toMatchObject({
        code: "UNAUTHENTICATED",
        details: {},
      });
    },
  );

  it.each<[string, ApiKey]>([
    ["short", { key: "short", actor: "ci" }],
    ["no hash", { sha256: "abc", actor: "ci" }],
    ["absent", { actor: "ci" } as never],
  ])("that are %s are refused when they are configured, and not quoted", (_name, key) => {
    const make = () => apiKeys({ keys: [...keys, key] });
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(/keys\[2\]\.(key|sha256) must/);
    expect(make).not.toThrow(/short|abc/);
  });

  it("are typed: a list or a look-up; a key or a hash", () => {
    expectTypeOf<{ keys: [{ key: string; actor: "ci" }] }>().toExtend<ApiKeysOptions>();
    expectTypeOf<{ lookup: () => null }>().toExtend<ApiKeysOptions>();
    expectTypeOf<{ header: string }>().not.toExtend<ApiKeysOptions>();
    expectTypeOf<{ keys: []; lookup: () => null }>().not.toExtend<ApiKeysOptions>();
    expectTypeOf<{ keys: [{ key: string; sha256: string; actor: "ci" }] }>().not.toExtend<ApiKeysOptions>();
    expectTypeOf<{ keys: [{ key: string; actor: null }] }>().not.toExtend<ApiKeysOptions>();
  });
});
