import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../../src/base/errors.ts";
import {
  camelCase,
  enumValueNames,
  graphqlNameOf,
  isGraphqlName,
  pluralOf,
  resourceNameOf,
  typeNamePart,
  wordsOf,
} from "../../src/model/names.ts";

const cases: { naming_kebab: { in: string; expect: string }[] } = JSON.parse(
  readFileSync(new URL("../cases/autocrud_cases.json", import.meta.url), "utf8"),
);

describe("resource names", () => {
  test.each(cases.naming_kebab)("kebab-case of $in is $expect", ({ in: modelName, expect: expected }) => {
    expect(resourceNameOf(modelName, "kebab")).toBe(expected);
  });

  test.each([
    ["same", "HTTPServer"],
    ["pascal", "HttpServer"],
    ["camel", "httpServer"],
    ["snake", "http_server"],
    ["kebab", "http-server"],
  ] as const)("naming %s makes %s", (naming, expected) => {
    expect(resourceNameOf("HTTPServer", naming)).toBe(expected);
  });

  test.each([
    ["User", "user"],
    ["A", "a"],
    ["userID", "user-id"],
    ["UserID", "user-id"],
    ["IOError", "io-error"],
    ["XMLHttpRequest", "xml-http-request"],
    ["getHTTPResponseCode", "get-http-response-code"],
    ["MyHTTPServerV2", "my-http-server-v2"],
    ["OAuth2Token", "o-auth2-token"],
    ["S3Object", "s3-object"],
    ["HTTP2Server", "http2-server"],
    ["User2FA", "user2-fa"],
    ["Area51", "area51"],
    ["UUIDv7", "uui-dv7"],
    ["snake_case", "snake-case"],
    ["Snake_Case", "snake-case"],
    ["SCREAMING_SNAKE", "screaming-snake"],
    ["kebab-case", "kebab-case"],
    ["Some Thing", "some-thing"],
    ["CaféMenü", "cafe-menu"],
  ])("kebab-case of %s is %s", (modelName, expected) => {
    expect(resourceNameOf(modelName, "kebab")).toBe(expected);
  });

  test.each(["Straße", "Øre", "日本", "Item日本"])("a rule leaves no letter of %s out", (modelName) => {
    expect(() => resourceNameOf(modelName, "kebab")).toThrow(ConfigurationError);
    expect(resourceNameOf(modelName, () => "named")).toBe("named");
  });

  test("a rule that does not exist is refused with those that do", () => {
    const untyped: unknown = "toString";
    expect(() => resourceNameOf("TodoItem", untyped as "kebab")).toThrow(
      /no rule\. Use same, pascal, camel, snake, kebab/,
    );
  });

  test("a function names freely", () => {
    expect(resourceNameOf("TodoItem", (name) => `x-${name}`)).toBe("x-TodoItem");
  });

  test.each(["", "a b", "a/b", "..", "ä", "a".repeat(65)])("%j is refused", (name) => {
    expect(() => resourceNameOf("TodoItem", () => name)).toThrow(ConfigurationError);
  });
});

describe("words", () => {
  test.each([
    ["TodoItem", "todo item"],
    ["HTTPServer", "http server"],
    ["ABC", "abc"],
    ["Area51Test", "area51 test"],
    ["HTML5Parser", "html5 parser"],
    ["snake_case-name", "snake case name"],
    ["userID", "user id"],
  ])("%s is %s", (name, words) => {
    expect(wordsOf(name).join(" ")).toBe(words);
  });
});

describe("GraphQL names", () => {
  test.each([
    ["TodoItem", "todoItem", "todoItems"],
    ["Category", "category", "categories"],
    ["Day", "day", "days"],
    ["Box", "box", "boxes"],
    ["Quiz", "quiz", "quizes"],
    ["Branch", "branch", "branches"],
    ["Dish", "dish", "dishes"],
    ["Bus", "bus", "buses"],
    ["HTTPServer", "httpServer", "httpServers"],
  ])("%s has the root fields %s and %s", (name, singular, plural) => {
    expect([camelCase(wordsOf(name)), pluralOf(name)]).toEqual([singular, plural]);
  });

  test.each([
    ["TodoItem", "TodoItem"],
    ["HTTPServer", "HTTPServer"],
    ["todo-item", "TodoItem"],
    ["todo_item", "TodoItem"],
  ])("the type of model %s is %s", (modelName, type) => {
    expect(graphqlNameOf(modelName)).toBe(type);
  });

  test.each([
    ["city", "City"],
    ["first_name", "FirstName"],
    ["in-progress", "InProgress"],
    ["+", "U2B"],
  ])("%s becomes %s within a type's name", (text, part) => {
    expect(typeNamePart(text)).toBe(part);
  });
});

describe("names of enum values", () => {
  test("valid texts stay as they are", () => {
    expect(enumValueNames(["open", "DONE", "_x1"])).toEqual(["open", "DONE", "_x1"]);
  });

  test("others are made valid", () => {
    expect(enumValueNames(["in progress", "3d", "café", "+", "", "true", "中", "__x"])).toEqual([
      "in_progress",
      "_3d",
      "cafe",
      "U2B",
      "EMPTY",
      "true_",
      "U4E2D",
      "_x",
    ]);
  });

  test("they are unique, and a text that is valid keeps its own", () => {
    expect(enumValueNames(["a b", "a-b", "a_b"])).toEqual(["a_b_2", "a_b_3", "a_b"]);
  });

  test("each is a GraphQL name and none of true, false, null", () => {
    for (const name of enumValueNames(["null", "false", "-", "\u0000", "😀", "9", "a.b", "___"])) {
      expect(isGraphqlName(name) && !["true", "false", "null"].includes(name), name).toBe(true);
    }
  });
});
