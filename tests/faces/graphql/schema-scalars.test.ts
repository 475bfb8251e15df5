import { type GraphQLError, graphql, parse, validate } from "graphql";
import { describe, expect, it } from "vitest";
import { createFaceFixture } from "./face-fixture.ts";

const { face } = createFaceFixture();
for (const type of ["DateTime", "Date", "BigInt", "JSON", "JSONPatch"] as const) {
  face.builder.queryField(`echo${type}`, (t) =>
    t.field({ type, nullable: true, args: { value: t.arg({ type }) }, resolve: (_root, { value }) => value as never }),
  );
}
const schema = face.schema();

async function echo(type: string, value: unknown): Promise<unknown> {
  const source = `query ($value: ${type}) { echo${type}(value: $value) }`;
  const { data, errors } = await graphql({ schema, source, variableValues: { value } });
  if (errors?.[0]) throw errors[0];
  return data?.[`echo${type}`];
}

async function echoLiteral(type: string, literal: string): Promise<unknown> {
  const { data, errors } = await graphql({ schema, source: `{ echo${type}(value: ${literal}) }` });
  if (errors?.[0]) throw errors[0];
  return data?.[`echo${type}`];
}

const refusal = {
  extensions: { code: "VALIDATION_FAILED", issues: [{ path: [], message: expect.any(String) }] },
};

describe("DateTime", () => {
  it.each(["2026-11-21T09:30:00Z", "2026-11-21T09:30:00.123456+08:00", "2026-11-21t09:30:00z"])(
    "takes %s",
    async (text) => {
      expect(await echo("DateTime", text)).toBe(text);
      expect(await echoLiteral("DateTime", JSON.stringify(text))).toBe(text);
    },
  );

  it.each([
    ["naive", "2026-11-21T09:30:00"],
    ["a day only", "2026-11-21"],
    ["no day of the calendar", "2026-02-30T00:00:00Z"],
    ["a number", 1700000000],
    ["empty", ""],
  ])("refuses what is %s, as variable and as literal", async (_what, value) => {
    await expect(echo("DateTime", value)).rejects.toMatchObject(refusal);
    await expect(echoLiteral("DateTime", JSON.stringify(value))).rejects.toMatchObject(refusal);
  });

  it("shows a Date as RFC 3339 in UTC", () => {
    const type = schema.getType("DateTime") as unknown as { serialize(value: unknown): unknown };
    expect(type.serialize(new Date(0))).toBe("1970-01-01T00:00:00.000Z");
  });
});

describe("Date", () => {
  it("takes a day of the calendar", async () => {
    expect(await echo("Date", "2024-02-29")).toBe("2024-02-29");
    expect(await echoLiteral("Date", '"2024-02-29"')).toBe("2024-02-29");
  });

  it.each(["2026-02-29", "2026-1-1", "2026-01-01T00:00:00Z", "yesterday"])("refuses %s", async (text) => {
    await expect(echo("Date", text)).rejects.toMatchObject(refusal);
  });
});

describe("BigInt", () => {
  it.each([
    ["9007199254740993", "9007199254740993"],
    ["-0012", "-12"],
    [42, "42"],
    [-0, "0"],
  ])("shows %s as the text %s", async (value, text) => {
    expect(await echo("BigInt", value)).toBe(text);
  });

  it("takes literals of any length, quoted or not", async () => {
    expect(await echoLiteral("BigInt", "123456789012345678901234567890")).toBe("123456789012345678901234567890");
    expect(await echoLiteral("BigInt", '"-7"')).toBe("-7");
  });

  it.each([1.5, 2 ** 53, "1e3", "", "0x10", true, "9".repeat(1001)])("refuses %s", async (value) => {
    await expect(echo("BigInt", value)).rejects.toMatchObject(refusal);
  });
});

describe("JSON", () => {
  it("takes any value as it is", async () => {
    const value = { a: [1, "x", null, { b: false }], "": 0 };
    expect(await echo("JSON", value)).toEqual(value);
  });

  it("reads literals, with variables in them", async () => {
    expect(await echoLiteral("JSON", '{ a: [1, 2.5, "x", null, true, WORD], b: {} }')).toEqual({
      a: [1, 2.5, "x", null, true, "WORD"],
      b: {},
    });
    const source = "query ($x: Int) { echoJSON(value: { x: $x }) }";
    const { data } = await graphql({ schema, source, variableValues: { x: 5 } });
    expect(data?.echoJSON).toEqual({ x: 5 });
  });

  it("keeps __proto__ as a key like any other and changes no prototype", async () => {
    for (const value of [
      await echoLiteral("JSON", "{ __proto__: { polluted: true } }"),
      await echo("JSON", JSON.parse('{ "__proto__": { "polluted": true } }')),
    ]) {
      expect(Object.keys(value as object)).toEqual(["__proto__"]);
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    }
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });

  it("refuses a number that JSON does not have", async () => {
    await expect(echoLiteral("JSON", "1e999")).rejects.toMatchObject(refusal);
  });
});

describe("JSONPatch", () => {
  it("takes a list, whatever is in it", async () => {
    const patch = [{ op: "replace", path: "/a", value: 1 }];
    expect(await echo("JSONPatch", patch)).toEqual(patch);
    expect(await echoLiteral("JSONPatch", '[{ op: "remove", path: "/a" }]')).toEqual([{ op: "remove", path: "/a" }]);
  });

  it.each([{}, "x", 1])("refuses %j", async (value) => {
    await expect(echo("JSONPatch", value)).rejects.toMatchObject(refusal);
  });
});

describe("validation of a document", () => {
  it("reports a refused literal with the scalar's own code", () => {
    const [error] = validate(schema, parse('{ echoDate(value: "soon") }')) as [GraphQLError];
    expect(error.extensions).toMatchObject(refusal.extensions);
  });
});
