import { z } from "weft";

/** ISO 4217: `currency:CHF`. */
export const Currency = z
  .object({
    code: z.string().length(3).describe("ISO 4217, alphabetic"),
    numericCode: z.string().describe("ISO 4217, numeric"),
    name: z.string(),
    nativeName: z.string(),
    symbol: z.string(),
    decimals: z.number().int().min(0).describe("Digits behind the decimal separator"),
  })
  .describe("A currency of the world.");
