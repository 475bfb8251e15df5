/** The arguments of a call, by place or by name, brought into the order of the parameters. */
import type { Argument, Call, FunctionValue } from "./values.ts";

export interface GivenArgument {
  readonly name: string | undefined;
  readonly argument: Argument;
  /** Of its name, if it has one. */
  readonly start: number;
}

/** @throws QUERY_INVALID where one is missing, unknown, given twice, or too many */
export function boundArguments(
  { scope, start }: Pick<Call, "scope" | "start">,
  { parameters, isVariadic = false }: FunctionValue,
  given: readonly GivenArgument[],
): Argument[] {
  const refuse = (at: number, hint: string) => scope.source.refuse(at, `Error calling function: ${hint}`);
  const bound: (Argument | undefined)[] = [];
  for (const [i, { name, argument, start: at }] of given.entries()) {
    const place = name === undefined ? i : parameters.findIndex((parameter) => parameter.name === name);
    if (place < 0) throw refuse(at, `there is no argument "${name}".`);
    if (bound[place] !== undefined) throw refuse(at, `the argument "${name}" is given twice.`);
    if (place >= parameters.length && !isVariadic) {
      throw refuse(at, `at most ${parameters.length} arguments are taken.`);
    }
    bound[place] = argument;
  }
  if (isVariadic) return bound.filter((argument) => argument !== undefined);
  return parameters.map(({ name, defaultValue }, i) => {
    const argument = bound[i];
    if (argument !== undefined) return argument;
    if (defaultValue === undefined) throw refuse(start, `the argument "${name}" is missing.`);
    return {
      value: typeof defaultValue === "number" ? BigInt(defaultValue) : (defaultValue as Argument["value"]),
      start,
    };
  });
}
