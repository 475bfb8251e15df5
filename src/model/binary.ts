/** `binary()`: a field that holds binary content, kept apart from the document as a blob. */
import { z } from "zod";

/** What is stored, and read. `size` in bytes. */
export interface BinaryValue {
  readonly fileId: string;
  readonly size: number;
  readonly contentType: string;
}

/** Either bytes, in base64 (RFC 4648 §4, padded, without line breaks), or a reference to bytes that are stored already. */
export type BinaryInput =
  | { readonly base64: { readonly data: string; readonly contentType?: string | undefined } }
  | { readonly fileId: string; readonly size?: number | undefined; readonly contentType?: string | undefined };

// Zod clones a schema on .meta(), .describe() and the like, but the clones share their checks: a check carries the declaration.
const declaring = new WeakSet<object>();

const contentType = z
  .string()
  .max(255)
  .regex(/^[!#$&^_.+\w-]+\/[!#$&^_.+\w-]+(?: *;[\x20-\x7e]*)?$/, "Must be a media type such as image/png");

const bytesForm = z.strictObject({
  base64: z.strictObject({
    data: z.string().refine(isBase64, "Must be base64 (RFC 4648 §4)"),
    contentType: contentType.optional(),
  }),
});

const storedForm = z.strictObject({
  fileId: z.string().regex(/^[A-Za-z0-9._~:-]{1,256}$/, "Must be the id of a stored file"),
  size: z.number().int().min(0).optional(),
  contentType: contentType.optional(),
});

/** A field of binary content. Input: `BinaryInput`; output: `BinaryValue`. */
export function binary(): z.ZodType<BinaryValue, BinaryInput> {
  // Both forms pass as they are: storing the bytes and filling in size and type is the resource floor's, after validation.
  const schema = z
    .custom<BinaryInput>((value) => typeof value === "object" && value !== null, "Must be an object")
    .superRefine((value, context) => {
      const form = Object.hasOwn(value, "base64") ? bytesForm : storedForm;
      const result = form.safeParse(value);
      for (const issue of result.error?.issues ?? []) {
        context.addIssue({ code: "custom", path: issue.path, message: issue.message });
      }
    });
  for (const check of schema._zod.def.checks ?? []) declaring.add(check);
  return schema as unknown as z.ZodType<BinaryValue, BinaryInput>;
}

/** Is it what `binary()` made, or a clone of that? */
export function declaresBinary(schema: z.core.$ZodType): boolean {
  return (schema._zod.def.checks ?? []).some((check) => declaring.has(check));
}

function isBase64(text: string): boolean {
  // Node decodes leniently: only what comes back the same was canonical, padding and its unused bits included.
  return text.length % 4 === 0 && Buffer.from(text, "base64").toString("base64") === text;
}
