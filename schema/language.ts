import { z } from "weft";

/** ISO 639-1. Resource ids are readable here: `language:de`. */
export const Language = z
  .object({
    code: z.string().length(2).describe("ISO 639-1"),
    name: z.string(),
    nativeName: z.string(),
    isRightToLeft: z.boolean().default(false),
  })
  .describe("A language of the world.");
