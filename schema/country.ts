import { ref, z } from "weft";

export const Continent = z
  .enum(["AFRICA", "ANTARCTICA", "ASIA", "EUROPE", "NORTH_AMERICA", "OCEANIA", "SOUTH_AMERICA"])
  .meta({ id: "Continent" });

/** ISO 3166-1: `country:CH`. References are stored as resource ids: `currency:CHF`. */
export const Country = z
  .object({
    code: z.string().length(2).describe("ISO 3166-1 alpha-2"),
    name: z.string(),
    nativeName: z.string(),
    capital: z.string().nullable(),
    continent: Continent,
    callingCodes: z.array(z.number().int()).describe("International calling codes, without the plus sign"),
    flag: z.string().describe("As an emoji"),
    currencyIds: z.array(ref("Currency")),
    languageIds: z.array(ref("Language")),
    sovereignId: ref("Country").nullable().default(null).describe("The country that this one is a part of"),
  })
  .describe("A country or territory of the world.");
