import { z } from "weft";

export const Artifact = z
  .object({
    id: z.string(),
    type: z.string(),
    power: z.number().int(),
  })
  .meta({ id: "Artifact" });

/** The large document: a query that selects `name` reads some bytes of it, however many artifacts follow. */
export const Hero = z
  .object({
    name: z.string(),
    epithet: z.string().nullable().default(null),
    level: z.number().int().min(1),
    artifacts: z.array(Artifact).default([]),
  })
  .describe("A hero of old, with what is said of their possessions.");
