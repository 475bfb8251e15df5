/**
 * The codec's own view of a schema: just enough to find its way through encoded bytes, to check partial paths, and to
 * revive values. `model/` makes shapes from Zod schemas; nothing here knows Zod or GraphQL.
 *
 * A *document* is the content of a revision as it is stored: plain JSON (`base/json.ts`). What JSON lacks is written as
 * text: times as RFC 3339 in UTC, dates as YYYY-MM-DD, big integers in decimal. So MessagePack and JSON hold the same
 * values, JSON Patch applies to documents as they are, and two encodings never disagree.
 *
 * Whether a value may be null or absent plays no part here: every shape may meet `null`. A shape does not change once it
 * was used to read or write.
 */
export type Shape = ScalarShape | ListShape | ObjectShape | UnionShape | JsonShape;

/** A leaf. `revive` names the JavaScript type a manager returns for it; `none` returns the document's value as it is. */
export interface ScalarShape {
  readonly kind: "scalar";
  readonly revive: "none" | "date" | "bigint";
  /** A string of any length, which is stored behind what is short. @default false */
  readonly isText?: boolean;
}

export interface ListShape {
  readonly kind: "list";
  readonly element: Shape;
}

/** `fields` in the schema's order; see `storage-order.ts` for the one they are written in. May be recursive: a getter or a Map filled later. */
export interface ObjectShape {
  readonly kind: "object";
  readonly fields: ReadonlyMap<string, Shape>;
}

/** A discriminated union: `members` by the discriminator's value. Nested unions are flattened before they get here. */
export interface UnionShape {
  readonly kind: "union";
  readonly discriminator: string;
  readonly members: ReadonlyMap<string, ObjectShape>;
}

/** Free-form JSON: selected as a whole, never narrowed. */
export interface JsonShape {
  readonly kind: "json";
}
