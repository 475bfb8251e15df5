/** Keys from a real server of key sets. */
import { describe, expect, it } from "vitest";
import { type JwtOptions, jwt } from "../../src/authentication/jwt.ts";
import { audience, bearer, issuer, startIssuer } from "./issuer.ts";

const reading = (jwksUrl: string, options: Partial<JwtOptions> = {}) =>
  jwt({ jwksUrl, issuer, audience, jwksCooldownSeconds: 0, ...options } as JwtOptions);
const refused = { code: "UNAUTHENTICATED" };
const unavailable = { code: "UPSTREAM_UNAVAILABLE" };

describe("a JSON Web Key Set", () => {
  it("is fetched once, however many tokens come at once and later", async () => {
    await using login = await startIssuer();
    const authenticate = reading(login.jwksUrl);
    const tokens = await Promise.all(Array.from({ length: 20 }, (_, i) => login.sign({ sub: `user-${i}` })));
    const found = await Promise.all(tokens.map((token) => authenticate(bearer(token))));
    expect(found).toMatchObject(tokens.map((_, i) => ({ actor: { id: `user-${i}` } })));
    await authenticate(bearer(await login.sign()));
    expect(login.fetches).toBe(1);
  });

  it("is fetched anew for a key that it does not hold: after a rotation, new tokens pass and old ones do not", async () => {
    await using login = await startIssuer();
    const authenticate = reading(login.jwksUrl);
    const old = await login.sign();
    await authenticate(bearer(old));
    await login.rotate();
    expect(await authenticate(bearer(await login.sign({ sub: "bob" })))).toMatchObject({ actor: { id: "bob" } });
    await expect(authenticate(bearer(old))).rejects.toMatchObject(refused);
  });

  it("is not fetched for invented keys within the cooldown", async () => {
    await using login = await startIssuer();
    const authenticate = reading(login.jwksUrl, { jwksCooldownSeconds: 30 });
    await authenticate(bearer(await login.sign()));
    for (let i = 0; i < 20; i++) {
      const token = await login.sign({}, { kid: `invented-${i}` });
      await expect(authenticate(bearer(token))).rejects.toMatchObject(refused);
    }
    expect(login.fetches).toBe(1);
  });

  it("is fetched anew when it is old, so that keys which were taken back end", async () => {
    await using login = await startIssuer();
    const authenticate = reading(login.jwksUrl, { jwksMaxAgeSeconds: 0 });
    const old = await login.sign();
    await authenticate(bearer(old));
    await login.rotate();
    await expect(authenticate(bearer(old))).rejects.toMatchObject(refused);
  });

  it("that cannot be fetched any more is good for what it held", async () => {
    await using login = await startIssuer();
    const authenticate = reading(login.jwksUrl, { jwksMaxAgeSeconds: 0 });
    await authenticate(bearer(await login.sign()));
    login.mode = "fail";
    expect(await authenticate(bearer(await login.sign()))).toMatchObject({ actor: { id: "ann" } });
    await login.rotate();
    await expect(authenticate(bearer(await login.sign()))).rejects.toMatchObject(unavailable);
  });

  it.each(["fail", "silent", "nonsense"] as const)(
    "of an issuer that answers so is UPSTREAM_UNAVAILABLE in time: %s",
    async (mode) => {
      await using login = await startIssuer();
      login.mode = mode;
      const authenticate = reading(login.jwksUrl, { jwksTimeoutMs: 200 });
      const startedAt = performance.now();
      const token = await login.sign();
      for (let i = 0; i < 5; i++) await expect(authenticate(bearer(token))).rejects.toMatchObject(unavailable);
      expect(performance.now() - startedAt).toBeLessThan(1500);
      expect(login.fetches).toBe(1);
    },
  );

  it("of an issuer that is away is UPSTREAM_UNAVAILABLE, and names no address", async () => {
    const login = await startIssuer();
    const token = await login.sign();
    await login[Symbol.asyncDispose]();
    const failure = reading(login.jwksUrl)(bearer(token));
    await expect(failure).rejects.toMatchObject({ ...unavailable, details: {} });
    await expect(failure).rejects.not.toThrow(/127\.0\.0\.1|ECONN/);
  });

  it("is not asked where no token comes, or one that is none", async () => {
    await using login = await startIssuer();
    await expect(reading(login.jwksUrl)(bearer("hello"))).rejects.toMatchObject(refused);
    expect(login.fetches).toBe(0);
  });

  it.each(["RS256", "EdDSA"])("may hold keys for %s", async (algorithm) => {
    await using login = await startIssuer(algorithm);
    expect(await reading(login.jwksUrl)(bearer(await login.sign()))).toMatchObject({ actor: { id: "ann" } });
  });
});
