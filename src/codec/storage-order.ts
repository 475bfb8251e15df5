/**
 * The order in which an object's fields are written: what is short first, what may be large last, so that a reader of
 * short fields stops before it meets a large one (1,000 times earlier in a document of 10 MB). It depends on the
 * shape only, so that equal contents have equal bytes. Readers expect it and do not rely on it.
 */
import { type Json, setOwn } from "../base/json.ts";
import type { ObjectShape, Shape } from "./shape.ts";

export interface StoredField {
  readonly name: string;
  readonly shape: Shape;
  /** Its key as MessagePack writes it: header and UTF-8. Undefined for a name that UTF-8 has no form for. */
  readonly key: Buffer | undefined;
}

export interface StorageOrder {
  readonly fields: readonly StoredField[];
  /** Places in `fields`. */
  readonly placeOf: ReadonlyMap<string, number>;
}

const known = new WeakMap<ObjectShape, Map<string | undefined, StorageOrder>>();

/** @param discriminator of the union that the object is a member of: its field is written first */
export function storageOrder(shape: ObjectShape, discriminator?: string): StorageOrder {
  const orders = known.get(shape) ?? new Map<string | undefined, StorageOrder>();
  const made = orders.get(discriminator);
  if (made) return made;
  const order = makeOrder(shape, discriminator);
  known.set(shape, orders.set(discriminator, order));
  return order;
}

function makeOrder({ fields }: ObjectShape, discriminator: string | undefined): StorageOrder {
  const rankOf = ([name, shape]: [string, Shape]) => (name === discriminator ? 0 : rank(shape));
  const sorted = [...fields].sort((a, b) => rankOf(a) - rankOf(b));
  // JavaScript's objects, from which the encoder writes, hold keys that are array indices first.
  const keyed: Record<string, Json> = {};
  for (const [name] of sorted) setOwn(keyed, name, null);
  const stored: StoredField[] = [];
  for (const name of Object.keys(keyed)) {
    const shape = fields.get(name);
    if (shape) stored.push({ name, shape, key: encodedKey(name) });
  }
  return { fields: stored, placeOf: new Map(stored.map(({ name }, place) => [name, place])) };
}

function rank(shape: Shape): number {
  switch (shape.kind) {
    case "scalar":
      return shape.isText ? 2 : 1;
    case "object":
    case "union":
      return 3;
    default:
      return 4;
  }
}

function encodedKey(name: string): Buffer | undefined {
  const text = Buffer.from(name);
  if (text.toString() !== name) return undefined;
  const { length } = text;
  if (length < 32) return Buffer.from([0xa0 | length, ...text]);
  if (length < 0x100) return Buffer.from([0xd9, length, ...text]);
  return length < 0x10000 ? Buffer.from([0xda, length >> 8, length & 0xff, ...text]) : undefined;
}
