import { describe, expect, expectTypeOf, it } from "vitest";
import { apiKeys } from "../../src/authentication/api-keys.ts";
import { type Authenticate, identify } from "../../src/authentication/authenticate.ts";
import { firstOf } from "../../src/authentication/first-of.ts";
import { jwt } from "../../src/authentication/jwt.ts";
import { WeftError } from "../../src/base/errors.ts";
import { bearer, callOf } from "./issuer.ts";

const nobody: Authenticate = () => null;
const ann: Authenticate = () => "ann";
const throwing =
  (error: Error): Authenticate =>
  async () => {
    throw error;
  };
const refusing = throwing(new WeftError("UNAUTHENTICATED"));
const away = throwing(new WeftError("UPSTREAM_UNAVAILABLE"));
const call = callOf({});

describe("the first of several", () => {
  it.each([
    ["the first", [ann, () => "bob"], "ann"],
    ["one after nobody", [nobody, () => ({ actor: null }), ann], "ann"],
    ["one after a refusal", [refusing, away, ann], "ann"],
    ["nobody", [nobody, nobody], null],
    ["nobody, of none", [], null],
  ])("finds %s", async (_name, sources, found) => {
    expect(await firstOf(...sources)(call)).toEqual(found);
  });

  it("refuses where one has refused and no other finds somebody; that one was away goes before", async () => {
    await expect(firstOf(refusing, nobody)(call)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    await expect(firstOf(refusing, away)(call)).rejects.toMatchObject({ code: "UPSTREAM_UNAVAILABLE" });
  });

  it("hides no mistake of a program", async () => {
    await expect(firstOf(throwing(new TypeError("x is not a function")), ann)(call)).rejects.toThrow(TypeError);
  });

  it("takes tokens and keys from one header", async () => {
    const key = "0123456789abcdef0123456789abcdef";
    const either = firstOf(
      jwt({ secret: key, issuer: false, audience: false }),
      apiKeys({ keys: [{ key, actor: "ci" }] }),
    );
    expect(await either(bearer(key))).toMatchObject({ actor: "ci" });
    await expect(either(bearer("neither"))).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });
});

describe("what an authenticate may answer", () => {
  const never = Number.POSITIVE_INFINITY;
  const later = new Date(Date.now() + 60_000);
  it.each<[string, unknown, object]>([
    ["a string", "ann", { actor: "ann", expiresAt: never }],
    [
      "an object, whatever its claims are called",
      { id: "ann", actor: 1 },
      { actor: { id: "ann", actor: 1 }, expiresAt: never },
    ],
    ["nothing", undefined, { actor: null, expiresAt: never }],
    ["an actor with an end", { actor: "ann", expiresAt: later }, { actor: "ann", expiresAt: later.getTime() }],
    ["an actor without an end", { actor: { id: "ann" } }, { actor: { id: "ann" }, expiresAt: never }],
  ])("%s", async (_name, answer, identity) => {
    expect(await identify(() => answer as string, call)).toEqual({ ...identity, askedAt: expect.any(Number) });
  });

  it("an end that is past is UNAUTHENTICATED, one that is none a mistake", async () => {
    const ending = (expiresAt: Date) => identify(() => ({ actor: "ann", expiresAt }), call);
    await expect(ending(new Date(Date.now() - 1))).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    await expect(ending(new Date("soon"))).rejects.toThrow(TypeError);
  });

  it("is typed", () => {
    expectTypeOf<() => { actor: string; expiresAt: Date }>().toExtend<Authenticate>();
    expectTypeOf<() => Promise<{ id: string; roles: string[] } | null>>().toExtend<Authenticate>();
    expectTypeOf<() => { actor: string; expiresAt: number }>().not.toExtend<Authenticate>();
    expectTypeOf<() => number>().not.toExtend<Authenticate>();
  });
});
