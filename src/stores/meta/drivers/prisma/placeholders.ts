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
