/** From GraphQL selections to what the codec reads. */
import { type FieldNode, type FragmentDefinitionNode, Kind, parse } from "graphql";
import { describe, expect, it } from "vitest";
import type { Selection } from "../../../src/codec/selection.ts";
import { fromIndex, indexCover } from "../../../src/faces/graphql/data/index-cover.ts";
import { createPlans } from "../../../src/faces/graphql/data/plan.ts";
import { dataSelection } from "../../../src/faces/graphql/data/selection.ts";
import { createClaims } from "../../../src/model/claims.ts";
import { defineModel } from "../../../src/model/define.ts";
import { richIndexedFields, richSchema } from "./rich-model.ts";

const definition = defineModel({
  modelName: "TodoItem",
  schema: richSchema,
  options: { indexedFields: richIndexedFields },
  claims: createClaims(),
});
const plan = createPlans()(definition.type);

function selected(source: string, variableValues: Record<string, unknown> = {}) {
  const document = parse(source);
  const fragments: Record<string, FragmentDefinitionNode> = {};
  let nodes: FieldNode[] = [];
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments[node.name.value] = node;
    if (node.kind === Kind.OPERATION_DEFINITION)
      nodes = node.selectionSet.selections.filter((n) => n.kind === Kind.FIELD);
  }
  return dataSelection(plan, nodes, { fragments, variableValues });
}

/** Selections as plain values: an object by its fields, a list by its selectors. */
function plain(selection: Selection): unknown {
  if (selection === "all") return "all";
  if (selection.kind === "object") return Object.fromEntries([...selection.fields].map(([k, v]) => [k, plain(v)]));
  return selection.parts.map(({ selector, below }) => [selector, plain(below)]);
}

const selectionOf = (source: string, variables?: Record<string, unknown>) =>
  plain(selected(source, variables).selection);

const every = { step: 1 };

describe("the selection of data", () => {
  it("holds the fields that are selected, once each, and nothing for __typename", () => {
    expect(selectionOf("{ data { __typename title again: title level } }")).toEqual({ title: "all", level: "all" });
  });

  it("narrows nested objects and the elements of lists", () => {
    expect(selectionOf("{ data { address { city } tree { folders { folders { name } } } } }")).toEqual({
      address: { city: "all" },
      tree: { folders: [[every, { folders: [[every, { name: "all" }]] }]] },
    });
  });

  it("takes lists of scalars, and what has no fields, whole", () => {
    expect(selectionOf("{ data { tags grid extra photo { fileId } } }")).toEqual({
      tags: "all",
      grid: "all",
      extra: "all",
      photo: "all",
    });
  });

  it("pushes slices down, and unites those of aliases", () => {
    expect(selectionOf('{ data { first: tags(slice: "0") rest: tags(slice: "1:3") grid(slice: "::2") } }')).toEqual({
      tags: [
        [{ index: 0 }, "all"],
        [{ start: 1, stop: 3, step: 1 }, "all"],
      ],
      grid: [[{ step: 2 }, "all"]],
    });
    expect(selectionOf('{ data { a: tags(slice: "0") b: tags } }')).toEqual({ tags: "all" });
  });

  it("selects nothing for a slice that is none: its field says so", () => {
    expect(selectionOf('{ data { tags(slice: "1:2:0") title } }')).toEqual({ tags: [], title: "all" });
  });

  it("follows fragments, inline and spread, and merges a field that is selected twice", () => {
    const source = `{ data { ...A ... on TodoItem { address { zip } } ... { level } } data { done } }
      fragment A on TodoItem { address { city } }`;
    expect(selectionOf(source)).toEqual({ address: { city: "all", zip: "all" }, level: "all", done: "all" });
  });

  it("always holds the discriminator of a union, and the fields of each member", () => {
    const source = `{ data { shape { ... on ShapeCircle { radius } ...S } shapes { __typename } } }
      fragment S on ShapeSquare { side }`;
    expect(selectionOf(source)).toEqual({
      shape: { kind: "all", radius: "all", side: "all" },
      shapes: [[every, { kind: "all" }]],
    });
  });

  it("obeys @skip and @include, and takes variables in them and in slices", () => {
    const source = `query ($yes: Boolean!, $part: String) {
      data { title @skip(if: $yes) level @include(if: $yes) ... @include(if: false) { done } tags(slice: $part) }
    }`;
    expect(selectionOf(source, { yes: true, part: "-1" })).toEqual({ level: "all", tags: [[{ index: -1 }, "all"]] });
    expect(selectionOf(source, { yes: false })).toEqual({ title: "all", tags: "all" });
  });

  it("knows whether it depends on variables", () => {
    expect(selected('{ data { tags(slice: "0") } }').isVariable).toBe(false);
    expect(selected("query ($s: String) { data { tags(slice: $s) } }").isVariable).toBe(true);
    expect(selected("query ($s: Boolean!) { data { tags @skip(if: $s) } }", { s: false }).isVariable).toBe(true);
  });
});

describe("answers from the index", () => {
  const answer = (source: string, indexedData: Record<string, never> | object) => {
    const cover = indexCover(definition, selected(source).selection);
    return cover && fromIndex(cover, indexedData as never);
  };

  it("are given where everything selected is indexed", () => {
    const indexed = {
      title: "a",
      level: 1,
      score: null,
      tags: ["x", "y"],
      "address.city": "Taipei",
      "address.zip": null,
    };
    expect(answer("{ data { title score tags address { city zip } } }", indexed)).toEqual({
      title: "a",
      score: null,
      tags: ["x", "y"],
      address: { city: "Taipei", zip: null },
    });
  });

  it("leave out what is absent and may be", () => {
    expect(answer("{ data { title not } }", { title: "a" })).toEqual({ title: "a" });
  });

  it("are not given where something selected is not indexed", () => {
    expect(answer("{ data { title made } }", { title: "a" })).toBeUndefined();
    expect(answer("{ data { address { city since } } }", { "address.city": "Taipei" })).toBeUndefined();
    expect(answer("{ data { shape { __typename } } }", {})).toBeUndefined();
  });

  it("are not given where a field that must be there is absent from the index", () => {
    expect(answer("{ data { title level } }", { title: "a" })).toBeUndefined();
  });

  it("are not given where the index cannot tell whether a nested object is there", () => {
    expect(answer("{ data { home { city } } }", {})).toBeUndefined();
    expect(answer("{ data { home { __typename } } }", {})).toBeUndefined();
    expect(answer("{ data { home { city } } }", { "home.city": "Taipei" })).toEqual({ home: { city: "Taipei" } });
  });

  it("are given for nothing at all", () => {
    expect(answer("{ data { __typename } }", {})).toEqual({});
  });
});
