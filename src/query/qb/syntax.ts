/**
 * The syntax tree of an expression. What a chain of operators or of calls repeats is a list, not a nesting: only brackets and prefix operators
 * nest, so that the parser's limit on these bounds every walk over the tree. `start` is the offset in the text.
 */
export type Syntax =
  | { readonly kind: "constant"; readonly value: string | number | bigint | boolean | null; readonly start: number }
  | { readonly kind: "name"; readonly name: string; readonly start: number }
  | { readonly kind: "list"; readonly items: readonly Syntax[]; readonly start: number }
  | { readonly kind: "prefix"; readonly operator: PrefixOperator; readonly operand: Syntax; readonly start: number }
  /** Operators of one precedence, applied from left to right. */
  | { readonly kind: "chain"; readonly first: Syntax; readonly rest: readonly Link[]; readonly start: number }
  /** `a < b < c`: a < b and b < c. */
  | { readonly kind: "comparison"; readonly first: Syntax; readonly rest: readonly Link[]; readonly start: number }
  /** `base.attribute(arguments)[key]…` */
  | { readonly kind: "access"; readonly base: Syntax; readonly steps: readonly Step[]; readonly start: number };

export type PrefixOperator = "~" | "-" | "+" | "not";

export interface Link {
  readonly operator: string;
  readonly operand: Syntax;
  /** Of the operator. */
  readonly start: number;
}

export type Step =
  | { readonly kind: "attribute"; readonly name: string; readonly start: number }
  | { readonly kind: "call"; readonly arguments: readonly ArgumentSyntax[]; readonly start: number }
  | { readonly kind: "subscript"; readonly key: Syntax; readonly start: number };

export interface ArgumentSyntax {
  /** Of a keyword argument. */
  readonly name: string | undefined;
  readonly value: Syntax;
  readonly start: number;
}
