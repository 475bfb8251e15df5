/** The documents that are read: a large one, and small ones of which a selection wants something. The seed is fixed. */
import type { JsonObject } from "../../src/base/json.ts";
import type { ObjectShape, Shape } from "../../src/codec/shape.ts";

export type Random = () => number;

/** Mulberry32: uniform in [0, 1). */
export function seededRandom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

const number: Shape = { kind: "scalar", revive: "none" };
const text: Shape = { kind: "scalar", revive: "none", isText: true };
const object = (fields: Record<string, Shape>): ObjectShape => ({
  kind: "object",
  fields: new Map(Object.entries(fields)),
});

export const heroShape = object({
  name: text,
  level: number,
  artifacts: { kind: "list", element: object({ id: text, type: text, power: number }) },
});

/**
 * That of AutoCRUD's benchmark (https://github.com/HYChou0515/autocrud, its partial read benchmark): 1,000 artifacts whose
 * `type` is random ASCII of 200 to 20,000 characters, about 10 MB.
 */
export function hero(random: Random): JsonObject {
  const artifacts = Array.from({ length: 1_000 }, (_, index) => ({
    id: `artifact_${index}`,
    type: asciiText(random, 200 + Math.floor(random() * 19_801)),
    power: 1 + Math.floor(random() * 10_000),
  }));
  return { name: "Hero", level: 10, artifacts };
}

export const orderShape = object({
  number: number,
  status: text,
  total: number,
  isPaid: number,
  customer: text,
  email: text,
  note: text,
  address: object({ street: text, city: text, zip: text, country: text }),
  items: { kind: "list", element: object({ sku: text, title: text, qty: number, price: number }) },
});

/** An order of so many items: about 260 bytes and 60 an item. */
export function order(random: Random, items: number): JsonObject {
  return {
    number: 100_000 + Math.floor(random() * 900_000),
    status: "shipped",
    total: Math.round(random() * 1_000_000) / 100,
    isPaid: true,
    customer: `Customer ${asciiText(random, 12)}`,
    email: `${letters(random, 8)}@example.com`,
    note: asciiText(random, 73),
    address: { street: `${letters(random, 14)} 12`, city: letters(random, 9), zip: "90210", country: "Freedonia" },
    items: Array.from({ length: items }, () => ({
      sku: letters(random, 8),
      title: asciiText(random, 20),
      qty: 1 + Math.floor(random() * 100),
      price: Math.round(random() * 10_000) / 100,
    })),
  };
}

function asciiText(random: Random, length: number): string {
  const bytes = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) bytes[i] = 32 + Math.floor(random() * 95);
  return bytes.toString("latin1");
}

function letters(random: Random, length: number): string {
  return Array.from({ length }, () => String.fromCharCode(97 + Math.floor(random() * 26))).join("");
}
