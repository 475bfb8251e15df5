/**
 * The text of a generated module: functions that are written one by one, and values that they need and text cannot hold.
 * Names out of a schema get into the text as string literals only, never as identifiers.
 */
export interface Source {
  /** A fresh function name. */
  name(): string;
  /** The name under which a value is at hand in all functions. */
  constant(value: unknown): string;
  /** @param lines of the whole function. @throws SourceTooLarge */
  add(lines: readonly string[]): void;
  /** @returns what the function `entry` is, with `runtime`'s members at hand by their names */
  run(runtime: Readonly<Record<string, unknown>>, entry: string): unknown;
  text(): string;
}

/** Beyond, engines do not optimise any more, and the text costs more memory than the documents. */
const maxLines = 20_000;

export class SourceTooLarge extends Error {}

export function createSource(): Source {
  const lines: string[] = [];
  const constants: unknown[] = [];
  let names = 0;
  const text = () => lines.join("\n");

  return {
    name: () => `f${names++}`,
    constant(value) {
      const known = constants.indexOf(value);
      return `k${known >= 0 ? known : constants.push(value) - 1}`;
    },
    add(added) {
      if (lines.length + added.length > maxLines) throw new SourceTooLarge();
      for (const line of added) lines.push(line);
    },
    run(runtime, entry) {
      const members = Object.keys(runtime);
      const held = constants.map((_, index) => `k${index}`);
      const body = `"use strict";\n${text()}\nreturn ${entry};`;
      return new Function(...members, ...held, body)(...Object.values(runtime), ...constants);
    },
    text,
  };
}

/** A string literal; JSON leaves two line ends as they are. */
export function literal(text: string): string {
  return JSON.stringify(text).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}
