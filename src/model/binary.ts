/** `binary()`: a field that holds binary content, kept apart from the document as a blob. */
import { z } from "zod";
import { ConfigurationError } from "../base/errors.ts";
import { type ByteSource, isByteSource } from "./byte-source.ts";

/** What is stored, and read. `size` in bytes. */
export interface BinaryValue {
  readonly fileId: string;
  readonly size: number;
  readonly contentType: string;
}

/**
 * Bytes in base64 (RFC 4648 §4, padded, without line breaks), bytes as they are or as they come, or a reference to bytes that are stored already:
 * in this resource, in the one named, in any other that the actor may read, or brought by an upload of the actor's.
 */
export type BinaryInput =
  | { readonly base64: { readonly data: string; readonly contentType?: string | undefined } }
  | { readonly file: ByteSource; readonly contentType?: string | undefined }
  | {
      readonly fileId: string;
      readonly size?: number | undefined;
      readonly contentType?: string | undefined;
      readonly resourceId?: string | undefined;
    };

export interface BinaryOptions {
  /** Larger content is refused: PAYLOAD_TOO_LARGE. @default what the gateway takes */
  readonly maxBytes?: number;
  /**
   * Media types, such as `image/png` or `image/*`, of the content as its first bytes show it; of another type it is refused:
   * VALIDATION_FAILED. @default any
   */
  readonly types?: readonly string[];
}

// Zod clones a schema on .meta(), .describe() and the like, but the clones share their checks: a check carries the declaration.
const declared = new WeakMap<object, BinaryOptions>();

const mediaType = /^[!#$&^_.+\w-]+\/[!#$&^_.+\w-]+(?: *;[\x20-\x7e]*)?$/;

/** RFC 9110 §8.3.1. Safe in a header. */
export function isMediaType(text: string): boolean {
  return text.length <= 255 && mediaType.test(text);
}

const contentType = z.string().refine(isMediaType, "Must be a media type such as image/png");

const bytesForm = z.strictObject({
  base64: z.strictObject({
    data: z.string().refine(isBase64, "Must be base64 (RFC 4648 §4)"),
    contentType: contentType.optional(),
  }),
});

const fileForm = z.strictObject({
  file: z.custom(isByteSource, "Must be bytes: a Uint8Array, a Blob or an async iterable of Uint8Array"),
  contentType: contentType.optional(),
});

const storedForm = z.strictObject({
  fileId: z.string().regex(/^[A-Za-z0-9._~:-]{1,256}$/, "Must be the id of a stored file"),
  size: z.number().int().min(0).optional(),
  contentType: contentType.optional(),
  resourceId: z
    .string()
    .regex(/^[A-Za-z0-9._~:-]{1,256}$/, "Must be a resource id")
    .optional(),
});

/**
 * A field of binary content. Input: `BinaryInput`; output: `BinaryValue`.
 * @throws ConfigurationError for limits that make no sense
 */
export function binary(options: BinaryOptions = {}): z.ZodType<BinaryValue, BinaryInput> {
  checkOptions(options);
  // All forms pass as they are: storing the bytes and filling in size and type is the resource floor's, after validation.
  const schema = z
    .custom<BinaryInput>((value) => typeof value === "object" && value !== null, "Must be an object")
    .superRefine((value, context) => {
      const result = formOf(value).safeParse(value);
      for (const issue of result.error?.issues ?? []) {
        context.addIssue({ code: "custom", path: issue.path, message: issue.message });
      }
    });
  for (const check of schema._zod.def.checks ?? []) declared.set(check, options);
  return schema as unknown as z.ZodType<BinaryValue, BinaryInput>;
}

/** The limits of what `binary()` made, or of a clone of that; undefined for every other schema. */
export function binaryOptionsOf(schema: z.core.$ZodType): BinaryOptions | undefined {
  for (const check of schema._zod.def.checks ?? []) {
    const options = declared.get(check);
    if (options) return options;
  }
  return undefined;
}

function formOf(value: object) {
  if (Object.hasOwn(value, "base64")) return bytesForm;
  return Object.hasOwn(value, "file") ? fileForm : storedForm;
}

function checkOptions({ maxBytes, types }: BinaryOptions): void {
  if (maxBytes !== undefined && !(Number.isSafeInteger(maxBytes) && maxBytes > 0))
    throw new ConfigurationError("binary({ maxBytes }) must be a number of bytes above 0.");
  for (const type of types ?? []) {
    if (!/^[!#$&^_.+\w-]+\/(\*|[!#$&^_.+\w-]+)$/.test(type))
      throw new ConfigurationError(
        `binary({ types }): ${JSON.stringify(type)} is no media type such as image/png or image/*.`,
      );
  }
}

function isBase64(text: string): boolean {
  // Node decodes leniently: only what comes back the same was canonical, padding and its unused bits included.
  return text.length % 4 === 0 && Buffer.from(text, "base64").toString("base64") === text;
}
