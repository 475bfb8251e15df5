import { createHmac, generateKeyPairSync } from "node:crypto";
import { SignJWT } from "jose";
import { describe, expect, expectTypeOf, it } from "vitest";
import { type JwtOptions, jwt } from "../../src/authentication/jwt.ts";
import { ConfigurationError } from "../../src/base/errors.ts";
import { audience, bearer, callOf, issuer, standard } from "./issuer.ts";

const secret = "0123456789abcdef0123456789abcdef";
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const ed = generateKeyPairSync("ed25519");
const pem = rsa.publicKey.export({ type: "spki", format: "pem" }) as string;
const options = { secret, issuer, audience } as const;
const signed = (claims: Record<string, unknown> = {}, header = { alg: "HS256" }, key = secret) =>
  new SignJWT({ ...standard(), ...claims }).setProtectedHeader(header).sign(Buffer.from(key));

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("a good token", () => {
  it("makes its subject the actor, with all claims, until its time is over", async () => {
    const exp = Math.floor(Date.now() / 1000) + 60;
    const found = await jwt(options)(bearer(await signed({ exp, roles: ["admin"], id: "not this" })));
    expect(found).toMatchObject({ actor: { id: "ann", roles: ["admin"], iss: issuer } });
    expect(found).toMatchObject({ expiresAt: new Date((exp + 5) * 1000) });
  });

  it("makes what `actor` says of its claims", async () => {
    const authenticate = jwt({ ...options, actor: async ({ email }) => String(email) });
    expect(await authenticate(bearer(await signed({ email: "ann@example.org" })))).toMatchObject({
      actor: "ann@example.org",
    });
  });

  it.each([
    ["the scheme in capitals", { headers: { authorization: "BEARER TOKEN" } }],
    ["connection params", { params: { authorization: "Bearer TOKEN" } }],
    ["connection params in capitals", { params: { Authorization: "Bearer TOKEN" } }],
    ["headers in connection params", { params: { headers: { Authorization: "Bearer TOKEN" } } }],
    ["connection params without the scheme", { params: { authorization: "TOKEN" } }],
    ["the upgrade's headers", { headers: { authorization: "Bearer TOKEN" }, params: { other: 1 } }],
    ["params before headers", { headers: { authorization: "Bearer no" }, params: { authorization: "Bearer TOKEN" } }],
  ])("is found in %s", async (_where, brought) => {
    const written = JSON.parse(JSON.stringify(brought).replace("TOKEN", await signed()));
    expect(await jwt(options)(callOf(written))).toMatchObject({ actor: { id: "ann" } });
  });

  it.each([
    ["RSA in PEM", pem, "PS256", rsa.privateKey],
    ["RSA as a JSON Web Key", rsa.publicKey.export({ format: "jwk" }), "RS256", rsa.privateKey],
    ["P-256", ec.publicKey, "ES256", ec.privateKey],
    ["Ed25519", ed.publicKey, "EdDSA", ed.privateKey],
  ])("is taken by the key %s", async (_name, key, alg, privateKey) => {
    const token = await new SignJWT(standard()).setProtectedHeader({ alg }).sign(privateKey);
    expect(await jwt({ key, issuer, audience })(bearer(token))).toMatchObject({ actor: { id: "ann" } });
  });
});

describe("no token", () => {
  it.each([
    ["no header", {}],
    ["another scheme", { headers: { authorization: "Basic YW5uOnB3" } }],
    ["params without credentials", { params: { user: "ann", authorization: 7 } }],
  ])("is nobody: %s", async (_name, brought) => {
    expect(await jwt(options)(callOf(brought))).toBeNull();
  });
});

describe("a bad token is UNAUTHENTICATED", () => {
  const expired = () => Math.floor(Date.now() / 1000) - 60;
  it.each<[string, () => string | Promise<string>]>([
    ["empty", () => ""],
    ["no token at all", () => "hello"],
    ["of another key", () => signed({}, { alg: "HS256" }, `${secret}!`)],
    ["expired", () => signed({ exp: expired() })],
    ["without an end", () => signed({ exp: undefined })],
    ["not valid yet", () => signed({ nbf: Date.now() / 1000 + 60 })],
    ["of another issuer", () => signed({ iss: "https://login.evil" })],
    ["without an issuer", () => signed({ iss: undefined })],
    ["for another audience", () => signed({ aud: ["shop", "bank"] })],
    ["without a subject", () => signed({ sub: undefined })],
    ["with alg none", () => `${base64({ alg: "none" })}.${base64(standard())}.`],
    ["with another algorithm", () => signed({}, { alg: "HS512" }, secret.repeat(2))],
    [
      "with a crit that is unknown",
      async () => (await signed()).replace(/^[^.]+/, base64({ alg: "HS256", crit: ["x"] })),
    ],
    [
      "with claims changed",
      async () => (await signed()).replace(/\.[^.]+\./, `.${base64({ ...standard(), sub: "bob" })}.`),
    ],
    ["past all dates", () => signed({ exp: 1e300 })],
    ["too long", () => signed({ padding: "x".repeat(9000) })],
  ])("%s", async (_name, make) => {
    const failure = jwt(options)(bearer(await make()));
    await expect(failure).rejects.toMatchObject({ code: "UNAUTHENTICATED", details: {} });
    await expect(failure).rejects.not.toThrow(/signature|HS|"?(iss|aud|sub)"? claim|key/i);
  });

  it("signed with the public key as if it were a secret", async () => {
    const head = `${base64({ alg: "HS256" })}.${base64(standard())}`;
    const token = `${head}.${createHmac("sha256", pem).update(head).digest("base64url")}`;
    await expect(jwt({ key: pem, issuer, audience })(bearer(token))).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });

  it("of an algorithm that goes with the key, and is not chosen", async () => {
    const long = secret.repeat(2);
    const token = await signed({}, { alg: "HS512" }, long);
    expect(await jwt({ ...options, secret: long })(bearer(token))).toMatchObject({ actor: { id: "ann" } });
    const choosing = jwt({ ...options, secret: long, algorithms: ["HS256"] });
    await expect(choosing(bearer(token))).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });

  it("of a type that is not asked for", async () => {
    const authenticate = jwt({ ...options, type: "at+jwt" });
    await expect(authenticate(bearer(await signed()))).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    const token = await new SignJWT(standard())
      .setProtectedHeader({ alg: "HS256", typ: "at+jwt" })
      .sign(Buffer.from(secret));
    expect(await authenticate(bearer(token))).toMatchObject({ actor: { id: "ann" } });
  });
});

describe("clocks", () => {
  it("may differ by the tolerance, and no more", async () => {
    const start = Date.parse("2030-01-01T00:00:00Z");
    let time = start;
    const authenticate = jwt({ ...options, clockToleranceSeconds: 30, now: () => new Date(time) });
    const token = await signed({ exp: start / 1000, nbf: start / 1000 });
    for (const [seconds, isTaken] of [
      [-31, false],
      [-29, true],
      [29, true],
      [31, false],
    ] as const) {
      time = start + seconds * 1000;
      const found = Promise.resolve(authenticate(bearer(token))).then(
        () => true,
        () => false,
      );
      expect([seconds, await found]).toEqual([seconds, isTaken]);
    }
  });
});

describe("configuration", () => {
  it.each<[string, object, RegExp]>([
    ["no key", {}, /one of jwksUrl, key and secret/],
    ["two keys", { secret, key: pem }, /one of/],
    ["a short secret", { secret: "secret" }, /32 bytes/],
    ["a key that is none", { key: "hello" }, /PEM/],
    ["a secret as a key", { key: { kty: "oct", k: "abc" } }, /PEM/],
    ["a weak key", { key: generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey }, /2048 bits/],
    ["alg none", { secret, algorithms: ["none"] }, /algorithms: none/],
    ["a secret's algorithm for a key", { key: pem, algorithms: ["HS256"] }, /algorithms: HS256/],
    ["an algorithm that wants a longer secret", { secret, algorithms: ["HS512"] }, /algorithms: HS512/],
    ["no algorithm", { secret, algorithms: [] }, /none given/],
    ["a URL that is none", { jwksUrl: "login.example" }, /jwksUrl/],
    ["a URL of another kind", { jwksUrl: "file:///etc/passwd" }, /jwksUrl/],
    ["no audience", { secret, audience: undefined }, /audience must be given/],
  ])("refuses %s", (_name, wrong, message) => {
    const make = () => jwt({ issuer, audience, ...wrong } as JwtOptions);
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(message);
  });

  it("takes anybody's tokens for anybody only where it is said so", async () => {
    const token = await signed({ iss: "x", aud: "y" });
    expect(await jwt({ secret, issuer: false, audience: false })(bearer(token))).toMatchObject({
      actor: { id: "ann" },
    });
  });

  it("is typed: one source of keys, issuer and audience said", () => {
    expectTypeOf<{ secret: string; issuer: string; audience: false }>().toExtend<JwtOptions>();
    expectTypeOf<{
      jwksUrl: string;
      jwksMaxAgeSeconds: 1;
      issuer: string[];
      audience: string;
    }>().toExtend<JwtOptions>();
    expectTypeOf<{ secret: string; key: string; issuer: string; audience: string }>().not.toExtend<JwtOptions>();
    expectTypeOf<{ secret: string; issuer: string }>().not.toExtend<JwtOptions>();
    expectTypeOf<{
      secret: string;
      issuer: string;
      audience: string;
      algorithms: ["none"];
    }>().not.toExtend<JwtOptions>();
  });
});
