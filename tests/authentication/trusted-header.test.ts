import { describe, expect, expectTypeOf, it } from "vitest";
import { type TrustedHeaderOptions, trustedHeader } from "../../src/authentication/trusted-header.ts";
import { ConfigurationError } from "../../src/base/errors.ts";
import { callOf } from "./issuer.ts";

const from = ["10.0.0.2", "192.168.1.0/24", "fd00::/8"];
const named = (user: string, remoteAddress?: string) =>
  callOf({ headers: { "x-forwarded-user": user }, ...(remoteAddress !== undefined && { remoteAddress }) });

describe("a trusted header", () => {
  it.each(["10.0.0.2", "::ffff:10.0.0.2", "192.168.1.77", "fd12::1"])("is taken from %s", async (address) => {
    expect(await trustedHeader({ from })(named("ann", address))).toBe("ann");
  });

  it.each([["10.0.0.3"], ["192.168.2.1"], ["::ffff:10.0.0.3"], ["fe80::1"], ["127.0.0.1"], ["nonsense"], [undefined]])(
    "from %s is refused, not ignored",
    async (address) => {
      const failure = trustedHeader({ from })(named("ann", address));
      await expect(failure).rejects.toMatchObject({ code: "UNAUTHENTICATED", details: {} });
      await expect(failure).rejects.not.toThrow(/10\.0\.0/);
    },
  );

  it("is not taken from what the caller says of its address", async () => {
    const call = callOf({
      headers: { "x-forwarded-user": "ann", "x-forwarded-for": "10.0.0.2", forwarded: "for=10.0.0.2" },
      remoteAddress: "203.0.113.9",
    });
    await expect(trustedHeader({ from })(call)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });

  it("is not taken from connection params", async () => {
    const call = callOf({ params: { "x-forwarded-user": "ann" }, remoteAddress: "10.0.0.2" });
    expect(await trustedHeader({ from })(call)).toBeNull();
  });

  it.each([{}, { "x-forwarded-user": " " }])("that is absent or empty is nobody", async (headers) => {
    expect(await trustedHeader({ from })(callOf({ headers, remoteAddress: "203.0.113.9" }))).toBeNull();
  });

  it.each(["evil, ann", "x".repeat(257)])("that two have written, or that is too long, is refused", async (user) => {
    await expect(trustedHeader({ from })(named(user, "10.0.0.2"))).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });

  it("may have another name, and bring more for the actor", async () => {
    const authenticate = trustedHeader({
      header: "Remote-User",
      from,
      actor: (id, headers) => ({ id, groups: headers.get("remote-groups")?.split(",") }),
    });
    const headers = { "remote-user": "ann", "remote-groups": "a,b" };
    expect(await authenticate(callOf({ headers, remoteAddress: "10.0.0.2" }))).toEqual({
      id: "ann",
      groups: ["a", "b"],
    });
  });

  it.each([[[]], [["proxy.example"]], [["10.0.0.0/33"]], [["10.0.0.0/"]], [["10.0.0.0/8/8"]], [["::/129"]]])(
    "is refused from %j when it is configured",
    (wrong) => {
      expect(() => trustedHeader({ from: wrong })).toThrow(ConfigurationError);
    },
  );

  it("is typed: proxies must be named", () => {
    expectTypeOf<{ from: string[] }>().toExtend<TrustedHeaderOptions>();
    expectTypeOf<{ header: string }>().not.toExtend<TrustedHeaderOptions>();
  });
});
