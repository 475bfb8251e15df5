import type { Source } from "./source.ts";

/** Writes each function once, by what it is for: so recursive shapes end, and members of a union share what they have in common. */
export function functionNames(source: Source) {
  const known = new Map<unknown, Map<unknown, string>>();

  return (of: unknown, as: unknown, emit: (name: string) => void): string => {
    const names = known.get(of) ?? new Map<unknown, string>();
    const written = names.get(as);
    if (written !== undefined) return written;
    const name = source.name();
    known.set(of, names.set(as, name));
    emit(name);
    return name;
  };
}
