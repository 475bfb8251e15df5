/**
 * What a TypeScript file imports, found in its text. It relies on the layout that the formatter enforces (statements begin
 * at the start of a line, strings are in double quotes), and `imports.test.ts` pins every form that it must know.
 */
import { posix } from "node:path";

export interface Import {
  readonly specifier: string;
  /** Erased by the compiler: no module is loaded. */
  readonly isType: boolean;
}

const fromStatement = /^(?:import|export)\s+(type\s+(?!from\b|,))?(?:[\w$*\s{},]|\bas\b)*?\bfrom\s*"([^"]+)"/gm;
const bareImport = /^import\s+"([^"]+)"/gm;
const importCall = /(\btypeof\s+)?\bimport\(\s*"([^"]+)"\s*\)(\.[A-Z])?/g;

export function importsOf(source: string): Import[] {
  const statements = [...source.matchAll(fromStatement)].map(([, type, specifier = ""]) => ({
    specifier,
    isType: type !== undefined,
  }));
  const bare = [...source.matchAll(bareImport)].map(([, specifier = ""]) => ({ specifier, isType: false }));
  const calls = [...source.matchAll(importCall)].map(([, typeOf, specifier = "", member]) => ({
    specifier,
    isType: typeOf !== undefined || member !== undefined,
  }));
  return [...statements, ...bare, ...calls];
}

/** The file that a relative import names; undefined for a package. */
export function targetOf(file: string, specifier: string): string | undefined {
  return specifier.startsWith(".") ? posix.normalize(posix.join(posix.dirname(file), specifier)) : undefined;
}

/** The package that an import names: `@scope/name` or `name`, `node:…` as it is; undefined for a relative one. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith(".")) return undefined;
  if (specifier.startsWith("node:")) return specifier;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}
