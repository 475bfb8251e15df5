import { type Source, SourceTooLarge } from "./source.ts";

interface Names {
  name: string | undefined;
  readonly below: Map<unknown, Names>;
}

/** Functions are written from the inside out, each with those it calls: deeper than this, writing them might end the stack. */
const maxNesting = 100;

const noNames = (): Names => ({ name: undefined, below: new Map() });

/**
 * Writes each function once, by what it is for: so recursive shapes end, and members of a union share what they have in common.
 * Throws SourceTooLarge for selections and shapes that nest too deep.
 */
export function functionNames(source: Source) {
  const root = noNames();
  let nesting = 0;

  return (purpose: readonly unknown[], emit: (name: string) => void): string => {
    let names = root;
    for (const part of purpose) {
      const next = names.below.get(part) ?? noNames();
      names.below.set(part, next);
      names = next;
    }
    if (names.name === undefined) {
      names.name = source.name();
      if (++nesting > maxNesting) throw new SourceTooLarge();
      emit(names.name);
      nesting -= 1;
    }
    return names.name;
  };
}
