/** What a container is read by. */
export interface ContainerReader {
  readonly kind: "map" | "list";
  /** The name of the function (cursor, offset behind the header, count, `last`). */
  readonly name: string;
  /** The function's last argument, an expression. */
  readonly last: string;
  /** How deep the value lies, an expression. */
  readonly depth: string;
}

/**
 * Lines that read the value at `p` into a variable and move `p`. The shortest header is read in place; a value that is
 * no such container is read whole.
 */
export function containerLines(variable: string, { kind, name, last, depth }: ContainerReader): readonly string[] {
  const [enter, lead, size] = kind === "map" ? ["enterMap", 128, 2] : ["enterList", 144, 1];
  return [
    "x = p < end ? b[p] : 193;",
    `if ((x & 240) === ${lead} && (x & 15) * ${size} < end - p) { y = x & 15; q = p + 1; }`,
    `else { y = ${enter}(c, p); q = c.at; }`,
    `if (y >= 0) ${variable} = ${name}(c, q, y, ${last});`,
    `else { c.at = p; ${variable} = value(c, ${depth}); }`,
    "p = c.at;",
  ];
}
