/**
 * What of a document is wanted: a tree made from a GraphQL selection set or from partial paths (CONTRACT §5). `"all"` wants everything below; an object wants some fields; a list wants, for each selector,
 * something of the elements it picks. It does not change once it was used.
 */
export type Selection = "all" | ObjectSelection | ListSelection;

export interface ObjectSelection {
  readonly kind: "object";
  /** Field name → what is wanted below it. A name the document lacks selects nothing. An empty map wants `{}`. */
  readonly fields: ReadonlyMap<string, Selection>;
}

export interface ListSelection {
  readonly kind: "list";
  /** Their union. An element picked by several gets the union of what they want. */
  readonly parts: readonly { readonly selector: ElementSelector; readonly below: Selection }[];
}

/**
 * Which elements of a list: Python's slice (https://docs.python.org/3/library/functions.html#slice), where an absent
 * bound is the list's end in the direction of the step. One index n is `{ index: n }`, negative from the end; out of
 * range it picks nothing. A negative step picks the same elements; output stays in the list's own order.
 */
export type ElementSelector = { readonly index: number } | Slice;

export interface Slice {
  readonly start?: number;
  readonly stop?: number;
  /** Never 0. @default 1 */
  readonly step: number;
}
