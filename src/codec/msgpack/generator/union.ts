/** The function that looks at a union's discriminator, which is written first, and reads on as the member it names. */
import type { ObjectShape, UnionShape } from "../../shape.ts";
import { storageOrder } from "../../storage-order.ts";
import { keyTest } from "./object.ts";
import type { Source } from "./source.ts";

export interface UnionPlan {
  readonly shape: UnionShape;
  /** The name of the functions' last parameter. */
  readonly last: string;
  /** An expression that reads all `n` entries from the cursor on. */
  readonly fallback: string;
  /** The name of the function for a member's entries. */
  member(shape: ObjectShape): string;
}

export function emitUnion(source: Source, name: string, { shape, last, fallback, member }: UnionPlan): void {
  const { discriminator, members } = shape;
  const names = new Map<ObjectShape, string>();
  for (const each of members.values()) if (!names.has(each)) names.set(each, member(each));
  const tag = [...members.values()].map((each) => storageOrder(each, discriminator).fields[0]);
  const first = tag[0];
  const isFirst = first?.name === discriminator && tag.every((field) => field?.name === discriminator);
  source.add([
    `function ${name}(c, p, n, ${last}) {`,
    ...(isFirst ? withTag({ test: keyTest(source, first), skip: first.key?.length ?? 0 }) : ["let t;"]),
    "switch (t) {",
    ...[...members].map(
      ([value, each]) => `case ${source.constant(value)}: return ${names.get(each)}(c, p, n, ${last});`,
    ),
    "}",
    "c.at = p;",
    `return ${fallback};`,
    "}",
  ]);
}

function withTag({ test, skip }: { test: string; skip: number }): readonly string[] {
  return [
    "const b = c.bytes, w = c.view, end = c.end;",
    "let t;",
    `if (n > 0 && ${test}) {`,
    `c.at = p + ${skip};`,
    "t = value(c, 0);",
    'if (typeof t === "number" || typeof t === "boolean") t = String(t);',
    "}",
  ];
}
