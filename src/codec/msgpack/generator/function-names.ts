import type { Source } from "./source.ts";

interface Names {
  name: string | undefined;
  readonly below: Map<unknown, Names>;
}

const noNames = (): Names => ({ name: undefined, below: new Map() });

/** Writes each function once, by what it is for: so recursive shapes end, and members of a union share what they have in common. */
export function functionNames(source: Source) {
  const root = noNames();

  return (purpose: readonly unknown[], emit: (name: string) => void): string => {
    let names = root;
    for (const part of purpose) {
      const next = names.below.get(part) ?? noNames();
      names.below.set(part, next);
      names = next;
    }
    if (names.name === undefined) {
      names.name = source.name();
      emit(names.name);
    }
    return names.name;
  };
}
