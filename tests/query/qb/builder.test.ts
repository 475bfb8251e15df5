/** The builder: what expressions say, in TypeScript; what the model's type allows, and no more. */
import { describe, expect, expectTypeOf, it } from "vitest";
import { QB } from "../../../src/query/qb/builder.ts";
import type { QbSearch, QbSort } from "../../../src/query/qb/builder-types.ts";
import { fieldMethods } from "../../../src/query/qb/field-methods.ts";
import { relativeDates } from "../../../src/query/qb/relative-dates.ts";
import { now, queryFor, refusal } from "./read-qb.ts";

interface Hero {
  readonly name: string;
  readonly level: number;
  readonly gold?: bigint | null;
  readonly rank: "knight" | "squire";
  readonly isAlive: boolean;
  readonly bornAt: Date;
  readonly tags: readonly string[];
  readonly home: { readonly city: string; readonly geo?: { readonly lat: number } };
  readonly form: { readonly kind: "human"; readonly age: number } | { readonly kind: "elf"; readonly tribe: string };
  readonly extra: unknown;
}

const hero = QB<Hero>();

/** What is built, beside what is written. */
const twins: readonly (readonly [QbSearch<Hero>, string])[] = [
  [hero("level").gt(18), "QB['level'].gt(18)"],
  [hero("home.geo.lat").between(1, 2), "QB['home.geo.lat'].between(1, 2)"],
  [hero("rank").in(["knight"]), "QB['rank'].in_(['knight'])"],
  [hero("rank").oneOf(["knight", "squire"]), "QB['rank'].one_of(['knight', 'squire'])"],
  [hero("gold").eq(null), "QB['gold'].eq(None)"],
  [hero("gold").gte(9007199254740993n), "QB['gold'] >= 9007199254740993"],
  [hero("isAlive"), "QB['isAlive']"],
  [hero("isAlive").not(), "~QB['isAlive']"],
  [hero("isAlive").isFalse(), "QB['isAlive'].is_false()"],
  [hero("name").isNull(false), "QB['name'].is_null(False)"],
  [hero("name").isNull(), "QB['name'].is_null()"],
  [hero("name").like("A%"), "QB['name'].like('A%')"],
  [hero("name").isBlank(), "QB['name'].is_blank()"],
  [hero("name").length().gt(3), "QB['name'].length() > 3"],
  [hero("tags").length(), "QB['tags'].length()"],
  [hero("tags").notContains("old"), "QB['tags'].not_contains('old')"],
  [hero("bornAt").today("Asia/Taipei"), "QB['bornAt'].today('Asia/Taipei')"],
  [hero("bornAt").thisWeek(undefined, 6), "QB['bornAt'].this_week(week_start=6)"],
  [hero("bornAt").lastNDays(7, 8), "QB['bornAt'].last_n_days(7, 8)"],
  [hero.createdTime().thisYear(), "QB.createdTime().this_year()"],
  [hero("level").gt(1).and(hero("level").lt(9)), "(QB['level'] > 1) & (QB['level'] < 9)"],
  [hero("level").gt(1).or(hero("isAlive")), "(QB['level'] > 1) | QB['isAlive']"],
  [hero.all(), "QB.all()"],
  [
    hero.all(hero("level").gt(1), hero.any(hero("name").eq("a"), hero("name").eq("b")).not()),
    "QB.all(QB['level'] > 1, ~QB.any(QB['name'] == 'a', QB['name'] == 'b'))",
  ],
  [
    hero("level").gt(1).filter(hero("level").lt(9)).exclude(hero("name").eq("x")),
    "QB['level'].gt(1).filter(QB['level'] < 9).exclude(QB['name'].eq('x'))",
  ],
  [
    hero("level").gt(1).sort("-createdTime", "+name", hero("level").desc()).page(2, 5),
    "QB['level'].gt(1).sort('-createdTime', '+name', QB['level'].desc()).page(2, 5)",
  ],
  [
    hero("level").gt(1).limit(3).and(hero("name").eq("a").sort("name").limit(4).offset(2)),
    "QB['level'].gt(1).limit(3) & QB['name'].eq('a').sort('name').limit(4).offset(2)",
  ],
  [hero.isDeleted().isTrue(), "QB.isDeleted().is_true()"],
  [hero("level").first(), "QB['level'].first()"],
];

describe("a builder says what the expression says", () => {
  for (const [built, written] of twins) {
    it(written, () => expect(built.toQuery({ now })).toEqual(queryFor(written)));
  }

  it("with a method of every name that expressions have", () => {
    const names = [...Object.keys(fieldMethods), ...Object.keys(relativeDates)];
    const camelCase = names.map((name) => name.replace(/_$/, "").replace(/_(.)/g, (_, letter) => letter.toUpperCase()));
    const field = QB()("anything") as unknown as Record<string, unknown>;
    expect(camelCase.filter((name) => typeof field[name] !== "function")).toEqual([]);
  });

  it("is never changed by its methods", () => {
    const base = hero("level").gt(1);
    base.sort("name").limit(1).and(hero("name").eq("a"));
    expect(base.toQuery()).toEqual(queryFor("QB['level'] > 1"));
  });

  it("refuses time zones that are none, any() of nothing, and what is no builder", () => {
    const wrong = [
      () => hero("bornAt").today("Mars"),
      () => hero("bornAt").lastNDays(0).toQuery(),
      () => hero.any(),
      () => hero.all({ toQuery: () => ({}) }).toQuery(),
    ];
    for (const run of wrong) expect(refusal(run).at).toMatch(/^QUERY_INVALID/);
  });
});

describe("the types", () => {
  it("follow the model", () => {
    expectTypeOf(hero("level").gt).parameter(0).toEqualTypeOf<number>();
    expectTypeOf(hero("home.city").startsWith("A")).toEqualTypeOf<QbSearch<Hero>>();
    expectTypeOf(hero("home.geo.lat").lt).parameter(0).toEqualTypeOf<number>();
    expectTypeOf(hero("rank").eq).parameter(0).toEqualTypeOf<"knight" | "squire" | null>();
    expectTypeOf(hero("gold").gt).parameter(0).toEqualTypeOf<bigint>();
    expectTypeOf(hero("tags").contains).parameter(0).toEqualTypeOf<string>();
    expectTypeOf(hero("bornAt").between).parameters.toEqualTypeOf<[Date | string, Date | string]>();
    expectTypeOf(hero("form.age").gt).parameter(0).toEqualTypeOf<number>();
    expectTypeOf(hero("form.tribe").eq).parameter(0).toEqualTypeOf<string | null>();
    expectTypeOf(hero("level").desc()).toEqualTypeOf<QbSort>();
    expectTypeOf(hero("extra.anything.at.all").eq).parameter(0).toEqualTypeOf<unknown>();
    expectTypeOf(QB()("whatever").contains).toBeFunction();
  });

  it("refuse what the model does not have", () => {
    // @ts-expect-error no such field
    void hero("nme");
    // @ts-expect-error no such nested field
    void hero("home.street");
    // @ts-expect-error a number is not compared with a text
    void hero("level").gt("18");
    // @ts-expect-error not a value of the enum
    void hero("rank").eq("king");
    // @ts-expect-error text operators are for texts
    expect(hero("isAlive").startsWith).toBeTypeOf("function");
    // @ts-expect-error lists have no order
    expect(hero("tags").gt).toBeTypeOf("function");
    // @ts-expect-error a list is no field to sort by
    expect(hero("tags").asc).toBeTypeOf("function");
    // @ts-expect-error lengths are no fields to sort by
    expect(hero("name").length().desc).toBeTypeOf("function");
    // @ts-expect-error no such field to sort by
    void hero.all().sort("-nme");
  });
});
