/** Several checkers as one. */
import { type Checker, checkerMadeOf, checkerOf, type Decision, type PermissionRequest } from "./permission.ts";
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

/** All of them are asked at once, and what they say is combined resource by resource. */
export function composite(checkers: readonly (Checker | Decision)[], options: CompositeOptions = {}): Checker {
  const { strategy = "denyOverrides", default: fallback = "notApplicable" } = options;
  const combine = strategy === "denyOverrides" ? denyOverrides : allowOverrides;
  return checkerMadeOf(checkers.map(checkerOf), (parts) => (request) => {
    const combined = (decisions: readonly Decision[]) =>
      decisionOf(withDefault(combine(decisions.map(rulingOf)), fallback));
    const answers = parts.map((part) => answerOf(part, request));
    const isDecided = (answer: Decision | Promise<Decision>): answer is Decision => !(answer instanceof Promise);
    return answers.every(isDecided) ? combined(answers) : Promise.all(answers).then(combined);
  });
}

/** A throw of one must not leave another's rejection without anybody who hears of it. */
function answerOf(part: Checker, request: PermissionRequest): Decision | Promise<Decision> {
  try {
    return part(request);
  } catch (error) {
    return Promise.reject(error);
  }
}
