/**
 * What a schema's values are made of, for the passes that run on data: `normalise.ts` before Zod, `document.ts` after it,
 * `revive.ts` and `binary-values.ts` on stored documents. Beside the types of `field.ts` it also knows what lies inside free-form
 * JSON (the values of a record, the elements of a mixed tuple) and nothing of names. Every value may also be null.
 *
 * Nodes may form cycles (recursive schemas): they are filled after they exist.
 */
import type { BinaryOptions } from "./binary.ts";

export type Content = LeafContent | ContainerContent;

export type LeafContent =
  | { readonly kind: "text" | "boolean" | "float" | "int" }
  | { readonly kind: "binary"; readonly options: BinaryOptions }
  /** `holds`: what Zod sees and the manager returns. Documents hold decimal text for bigint, a number for number. */
  | { readonly kind: "bigint"; readonly holds: "bigint" | "number" }
  /** `precision`: fraction digits that the schema demands, where it does. */
  | { readonly kind: "datetime"; readonly holds: "Date" | "string"; readonly precision: number | undefined }
  /** Free-form JSON. */
  | { readonly kind: "json" };

export type ContainerContent =
  | ListContent
  | ObjectContent
  | UnionContent
  | { readonly kind: "tuple"; items: readonly Content[]; rest: Content | undefined }
  | FreeObjectContent
  /** Stored as lists; of [key, value] pairs for a map. */
  | { readonly kind: "set"; element: Content }
  | { readonly kind: "map"; key: Content; value: Content };

export interface ListContent {
  readonly kind: "list";
  /** Does an element that is `undefined` become null? Else it is refused: null would not be accepted in its place. */
  readonly allowsHoles: boolean;
  element: Content;
}

export interface ObjectContent {
  readonly kind: "object";
  readonly fields: Map<string, Content>;
  /** Fields that Zod wants to see as `undefined` where they are absent: a union with `z.undefined()` is no optional key to it. */
  readonly explicit: Set<string>;
}

/** An object within free-form JSON, or a record: keys sorted, others than `fields` only where `rest` says what they hold. */
export interface FreeObjectContent {
  readonly kind: "free object";
  readonly fields: Map<string, Content>;
  rest: Content | undefined;
}

export interface UnionContent {
  readonly kind: "union";
  readonly discriminator: string;
  /** By the discriminator's value. */
  readonly members: Map<string, Content>;
}

/** A pass over a value of some content. What is not of that content is given back as it is: telling is Zod's. */
export type Pass<Context> = (value: unknown, context: Context) => unknown;

export type PassMaker<Context> = (content: Content) => Pass<Context> | undefined;

/**
 * Makes passes, one per node; `undefined` stands for a node that needs none. A node that is met while it is being made, by recursion, is
 * called later through a stand-in.
 */
export function passes<Context>(
  make: (content: Content, below: PassMaker<Context>) => Pass<Context> | undefined,
): PassMaker<Context> {
  const made = new Map<Content, Pass<Context> | undefined>();
  const below: PassMaker<Context> = (content) => {
    if (made.has(content)) return made.get(content);
    made.set(content, (value, context) => {
      const pass = made.get(content);
      return pass === undefined ? value : pass(value, context);
    });
    const pass = make(content, below);
    made.set(content, pass);
    return pass;
  };
  return below;
}

/** Whether a node that satisfies the test lies at or below this one. */
export function reaches(content: Content, test: (content: Content) => boolean): boolean {
  const seen = new Set<Content>([content]);
  for (const node of seen) {
    if (test(node)) return true;
    for (const child of childrenOf(node)) seen.add(child);
  }
  return false;
}

function childrenOf(content: Content): Iterable<Content> {
  switch (content.kind) {
    case "list":
    case "set":
      return [content.element];
    case "map":
      return [content.key, content.value];
    case "tuple":
      return content.rest === undefined ? content.items : [...content.items, content.rest];
    case "object":
      return content.fields.values();
    case "free object":
      return content.rest === undefined ? content.fields.values() : [...content.fields.values(), content.rest];
    case "union":
      return content.members.values();
    default:
      return [];
  }
}
