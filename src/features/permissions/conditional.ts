/** Checkers that are asked sometimes only; otherwise they have nothing to say. */
import { type Checker, checkerMadeOf, checkerOf, type Decision, type PermissionRequest } from "./permission.ts";

/** Asks the checker where the predicate is true. What the predicate throws is the operation's error. */
export function conditional(
  predicate: (request: PermissionRequest) => boolean | Promise<boolean>,
  checker: Checker | Decision,
): Checker {
  return checkerMadeOf([checkerOf(checker)], ([part]) => (request) => {
    const ask = (holds: boolean) => (part !== undefined && holds ? part(request) : "notApplicable");
    const holds = predicate(request);
    return holds instanceof Promise ? holds.then(ask) : ask(holds);
  });
}

/** Asks the checker while `from` <= now < `until`, by the operation's clock. @default without a bound */
export function during(
  { from, until }: { readonly from?: Date; readonly until?: Date },
  checker: Checker | Decision,
): Checker {
  return conditional(({ now }) => (from === undefined || now >= from) && (until === undefined || now < until), checker);
}
