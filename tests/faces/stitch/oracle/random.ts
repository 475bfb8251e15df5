/** Chance that can be repeated. */
export interface Random {
  /** 0 to below `limit`. */
  below(limit: number): number;
  chance(probability: number): boolean;
  one<Item>(items: readonly Item[]): Item;
  /** At least one of them. */
  some<Item>(items: readonly Item[], probability?: number): Item[];
}

/** mulberry32 */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  const one = <Item>(items: readonly Item[]): Item => {
    const item = items[below(items.length)];
    if (item === undefined) throw new Error("There is nothing to choose from.");
    return item;
  };
  return {
    below,
    one,
    chance: (probability) => next() < probability,
    some(items, probability = 0.5) {
      const found = items.filter(() => next() < probability);
      return found.length > 0 ? found : [one(items)];
    },
  };
}

/** A number for a place, the same whenever it is asked for. */
export function numberOf(...parts: readonly (string | number)[]): number {
  let hash = 2_166_136_261;
  for (const character of parts.join("|")) hash = Math.imul(hash ^ character.charCodeAt(0), 16_777_619);
  hash ^= hash >>> 15;
  return Math.imul(hash, 2_246_822_519) >>> 0;
}
