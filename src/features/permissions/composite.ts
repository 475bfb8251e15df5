/** Several checkers as one. */
import { type Checker, checkerMadeOf, checkerOf, type Decision } from "./permission.ts";
import { allowOverrides, decisionOf, denyOverrides, rulingOf, withDefault } from "./ruling.ts";

export interface CompositeOptions {
  /**
   * `denyOverrides`: what one of them denies is denied, else what one allows is allowed. `allowOverrides`: the other way round.
   * @default "denyOverrides"
   */
  readonly strategy?: "denyOverrides" | "allowOverrides";
  /**
   * What becomes of that which none of them says anything about. Strict is `denyOverrides` with "deny", permissive `allowOverrides` with "allow".
   * @default "notApplicable": does not pass, but a checker that this one is part of may allow it
   */
  readonly default?: "allow" | "deny" | "notApplicable";
}

/** All of them are asked, one after the other, resource by resource. */
export function composite(checkers: readonly (Checker | Decision)[], options: CompositeOptions = {}): Checker {
  const { strategy = "denyOverrides", default: fallback = "notApplicable" } = options;
  const combine = strategy === "denyOverrides" ? denyOverrides : allowOverrides;
  return checkerMadeOf(checkers.map(checkerOf), (parts) => async (request) => {
    const rulings = [];
    for (const part of parts) rulings.push(rulingOf(await part(request)));
    return decisionOf(withDefault(combine(rulings), fallback));
  });
}
