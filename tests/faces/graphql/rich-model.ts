/** Models that use every row of the mapping table, and a face over them on memory stores. */
import { z } from "zod";
import { binary } from "../../../src/model/binary.ts";
import { ref } from "../../../src/model/reference.ts";

const color = z.enum(["red", "dark green", "blue"]).meta({ id: "Color", description: "A paint." });

const address = z
  .object({ city: z.string(), zip: z.string().nullable(), since: z.iso.date().optional() })
  .describe("A place.");

const circle = z.object({ kind: z.literal("circle"), radius: z.number() });
const square = z.object({ kind: z.literal("square"), side: z.number(), corners: z.array(color).optional() });
const polygon = z.object({ kind: z.literal("3-gon"), points: z.array(z.array(z.number())) });
export const shape = z.discriminatedUnion("kind", [circle, square, polygon]).meta({ id: "Shape" });

const folder = z
  .object({
    name: z.string(),
    get folders() {
      return z.array(folder).default([]);
    },
  })
  .meta({ id: "Folder" });

export const richSchema = z
  .object({
    title: z.string().describe("What it is called."),
    done: z.boolean().default(false),
    level: z.number().int(),
    score: z.number().nullish(),
    big: z.bigint(),
    wide: z.number().int().max(1e12).optional(),
    color,
    paint: color.default("dark green"),
    colors: z.array(color).default([]),
    due: z.iso.datetime().nullable(),
    made: z.date().optional(),
    day: z.iso.date().nullish(),
    address,
    home: address.nullable().optional(),
    tags: z.array(z.string()).default([]),
    grid: z.array(z.array(z.number().int().nullable())).default([]),
    shape,
    shapes: z.array(shape).default([]),
    tree: folder.optional(),
    extra: z.record(z.string(), z.unknown()).default({}),
    zoneId: ref("Zone").nullable(),
    photo: binary().optional(),
    old: z.string().optional().meta({ deprecated: true }),
    not: z.string().optional(),
  })
  .describe("A thing with everything.");

export const richIndexedFields = [
  ...["title", "done", "level", "score", "big", "wide", "color", "colors", "due", "day", "tags", "zoneId", "not"],
  ...["address.city", "address.zip", "home.city"],
];

export const zoneSchema = z.object({ name: z.string() });
