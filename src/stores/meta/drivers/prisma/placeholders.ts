/** `$1`, `$2`, …: given out in the order in which arguments are bound. Each goes over the wire as text and is cast. */
export interface Placeholders {
  /** Of one value, as `type`. */
  one(type: string): string;
  /** Of a list, as an array of `type`. */
  list(type: string): string;
}

export function placeholders(): Placeholders {
  let count = 0;
  const next = (sent: string, type: string) => `$${++count}::${sent}${type === sent ? "" : `::${type}`}`;
  return { one: (type) => next("text", type), list: (type) => next("text[]", `${type}[]`) };
}

/** Places in the array `array`, in the same order, in which values are texts or arrays of texts. */
export function placesIn(array: string): Placeholders {
  let count = 0;
  return {
    one: (type) => `(${array} ->> ${count++})::${type}`,
    list: (type) => `weft_texts(${array} -> ${count++})::${type}[]`,
  };
}

/**
 * Values that PostgreSQL does not see when it plans, so that it plans once: for what any value is served by the same index.
 * Else it plans again for each, which takes longer than to execute, as soon as values find less than it expects of any value.
 */
export function unseen({ one, list }: Placeholders): Placeholders {
  const hidden = (placeholder: string) => `(select ${placeholder})`;
  return { one: (type) => hidden(one(type)), list: (type) => hidden(list(type)) };
}
