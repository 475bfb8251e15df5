/**
 * A registered model: a Zod schema understood once, at registration, and never looked at again but to parse input.
 * Everything else (the GraphQL face, the codec, the query checker) reads the definition.
 */
import type { z } from "zod";
import type { JsonObject } from "../base/json.ts";
import type { EncodingName } from "../codec/encoding.ts";
import type { ObjectShape } from "../codec/shape.ts";
import type { BinaryReplacer } from "./binary-values.ts";
import type { IndexedField, ObjectType } from "./field.ts";
import type { ReferenceField } from "./reference-fields.ts";

export interface ModelDefinition {
  /** As given to `addModel`: `TodoItem`. */
  readonly modelName: string;
  /** First segment of resource ids, and of REST paths: `todo-item`. */
  readonly resourceName: string;
  /** GraphQL type name, PascalCase: `TodoItem`. */
  readonly graphqlName: string;
  /** Root field of one: `todoItem`. */
  readonly singular: string;
  /** Root field of the connection: `todoItems`. */
  readonly plural: string;
  readonly description: string | undefined;
  /** The document as a type: named, with its fields in order. */
  readonly type: ObjectType;
  /** The same for the codec. */
  readonly shape: ObjectShape;
  /** Its references to models of this gateway. Those to resources are indexed by themselves. */
  readonly references: readonly ReferenceField[];
  readonly indexedFields: ReadonlyMap<string, IndexedField>;
  /** Orders that the store keeps an index for, beside one for each indexed field. */
  readonly indexes: readonly (readonly IndexPart[])[];
  /** Changes with the indexed paths and the kinds of their values; kept with what `indexedData` gives. 12 hex digits. */
  readonly indexFingerprint: string;
  /** Sets of indexed fields whose values together belong to one living resource at most. */
  readonly unique: readonly (readonly string[])[];
  readonly encoding: EncodingName;
  readonly schemaVersion: string | null;

  /**
   * Validates an input and gives the document to store. Accepts what the schema's input type allows (Date, bigint) as
   * well as the JSON forms of the same (a face, a patched document). Datetimes are normalised to UTC first.
   * @param data a fresh value or one the caller keeps: it is not changed
   * @throws VALIDATION_FAILED with every issue found, at most 1000, or the first ones of an input of over 10,000 values; LIMIT_EXCEEDED where data nest deeper than `maxDataDepth`
   */
  parse(data: unknown): JsonObject;
  /** The typed output (`z.output`) of a document: times that the schema holds as Date become Date, big integers bigint. May share structure with the document. */
  revive(document: JsonObject): unknown;
  /** The indexed fields of a document, by path; an absent field is absent, null is null. */
  indexedData(document: JsonObject): JsonObject;

  /** Whether any field is `binary()`. */
  readonly hasBinaries: boolean;
  /**
   * A copy of the document with each `binary()` value replaced. What `parse` leaves there is either bytes to store,
   * `{ base64: { data, contentType? } }` or `{ file, contentType? }` with a `ByteSource`, or a reference, `{ fileId, … }`; what is stored is `{ fileId, size, contentType }`.
   * @param replace called once per non-null binary value, in document order
   */
  mapBinaries(document: JsonObject, replace: BinaryReplacer): JsonObject;
}

/** One field of an index over several. */
export interface IndexPart {
  readonly path: string;
  readonly direction: "asc" | "desc";
}

export interface ModelOptions {
  /** Resource name, instead of the one the naming rule makes. `[A-Za-z0-9_-]{1,64}`. */
  readonly name?: string;
  /** GraphQL type name, instead of the model's name. */
  readonly graphqlName?: string;
  /** Root field of the connection, instead of the plural by rule. */
  readonly plural?: string;
  /** Dotted paths through objects. Only these can be filtered and sorted by. @default [] */
  readonly indexedFields?: readonly string[];
  /**
   * Indexes over several indexed fields, for lists that filter by some and sort by the next: `[["owner", "done", "-level"]]`
   * serves owner = x and done = y, highest level first. A leading "-" is descending. @default []
   */
  readonly indexes?: readonly (readonly string[])[];
  /**
   * Fields, or sets of fields, whose values only one living resource has: `[["email"], ["zoneId", "name"]]`. Where one of a set is null or absent, it may repeat.
   * They are indexed by themselves. @default []
   */
  readonly unique?: readonly (readonly string[])[];
  /** @default "msgpack" */
  readonly encoding?: EncodingName;
  /** Kept with each revision. @default null */
  readonly schemaVersion?: string;
  /** @default what the gateway says, "kebab" */
  readonly naming?: Naming;
}

export type Naming = "same" | "pascal" | "camel" | "snake" | "kebab" | ((modelName: string) => string);

/** A schema of an object, of the one copy of Zod that weft runs on. */
export type ModelSchema = z.ZodObject<z.ZodRawShape>;
