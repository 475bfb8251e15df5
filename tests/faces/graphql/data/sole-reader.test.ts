import { type FragmentDefinitionNode, Kind, type OperationDefinitionNode, parse } from "graphql";
import { expect, test } from "vitest";
import { isSoleReader } from "../../../../src/faces/graphql/data/sole-reader.ts";

function ask(document: string): boolean {
  const { definitions } = parse(document);
  const operation = definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION) as OperationDefinitionNode;
  const fragments = definitions.filter((one): one is FragmentDefinitionNode => one.kind === Kind.FRAGMENT_DEFINITION);
  return isSoleReader({ operation, fragments: Object.fromEntries(fragments.map((one) => [one.name.value, one])) });
}

test.each([
  ["one field of data", "{ todos { nodes { data { title } } } }", true],
  ["none", "{ todos { nodes { meta { etag } } } }", true],
  ["one, in a fragment", "{ todos { nodes { ...F } } } fragment F on TodoResource { data { title } }", true],
  ["one, in an inline fragment", "{ node(id: 1) { ... on TodoResource { data { title } } } }", true],
  ["two aliases", "{ todo(resourceId: 1) { a: data { title } b: data { level } } }", false],
  ["data and partial", '{ todo(resourceId: 1) { data { title } partial(paths: ["level"]) } }', false],
  [
    "a fragment spread twice",
    "{ a: todo(resourceId: 1) { ...F } b: todo(resourceId: 1) { ...F } } fragment F on TodoResource { data { title } }",
    false,
  ],
  [
    "a fragment in a fragment spread twice",
    "{ a { ...F } b { ...F } } fragment F on T { ...G } fragment G on T { data { title } }",
    false,
  ],
])("%s: nothing else reads payloads: %#", (_title, document, expected) => {
  expect(ask(document)).toBe(expected);
});

test("fragments that double at each of 60 levels are counted once each", () => {
  const levels = Array.from({ length: 60 }, (_, i) => `fragment F${i} on T { a { ...F${i + 1} } b { ...F${i + 1} } }`);
  expect(ask(`{ ...F0 } ${levels.join(" ")} fragment F60 on T { id }`)).toBe(true);
});
