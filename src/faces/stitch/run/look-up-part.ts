/** Look-ups as pieces of a request: keys of one plan, in one list where the service takes lists. */
import type { JsonObject } from "../../../base/json.ts";
import type { FetchPlan, KeySource } from "../plan/plan.ts";
import { fillIn } from "../service/argument-template.ts";
import { type ErrorNode, lostBy, malformed } from "./failures.ts";
import { type RemoteObject, remoteObject, shownKey } from "./remote-object.ts";
import { type Answered, errorsAt, type OperationScope, type OwnVariable, type Part } from "./request.ts";

/** A key that is looked up, and who waits for what it finds. */
export interface Sought {
  readonly key: JsonObject;
  /** Equal for equal keys of one look-up. */
  readonly text: string;
  readonly found: Promise<RemoteObject | null>;
  resolve(object: RemoteObject | null): void;
  reject(error: unknown): void;
}

export function soughtBy(key: JsonObject, text: string): Sought {
  let settle: Pick<Sought, "resolve" | "reject"> | undefined;
  const found = new Promise<RemoteObject | null>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { key, text, found, resolve: (object) => settle?.resolve(object), reject: (error) => settle?.reject(error) };
}

/** Services write one id as 1 and as "1". */
export function keyText(key: JsonObject): string {
  const [name, ...others] = Object.keys(key);
  // Texts are compared within one look-up, whose keys are alike.
  const only = name !== undefined && others.length === 0 ? key[name] : undefined;
  if (typeof only === "string") return only;
  if (typeof only === "number") return String(only);
  return JSON.stringify(key, (_name, value) => (typeof value === "number" ? String(value) : value));
}

export function lookUpPart(plan: FetchPlan, sought: readonly Sought[], operation: OperationScope): Part {
  const { lookUp, selection, service } = plan;
  const aliasOf = (at: number, n: number) => (lookUp.isMany ? `__f${at}` : `__f${at}_${n}`);
  return {
    write(at) {
      const keys = sought.map(({ key }) => key);
      const fields = lookUp.isMany
        ? [lookUpField(plan, aliasOf(at, 0), keys)]
        : keys.map((key, n) => lookUpField(plan, aliasOf(at, n), [key]));
      return { text: fields.map(({ text }) => text).join(" "), own: fields.flatMap(({ own }) => own) };
    },
    variables: selection.variables,
    operation,
    batchSize: sought.length,
    deliver(data, errors, at) {
      const answered = (n: number) => belowSteps(plan, aliasOf(at, n), { data, errors });
      const found = lookUp.isMany ? manyFound(plan, sought, answered(0)) : sought.map((_, n) => answered(n));
      sought.forEach(({ resolve, reject }, n) => {
        const { value, errors: own } = found?.[n] ?? { value: found && null, errors: undefined };
        const object = value === null ? null : remoteObject(value, selection, own);
        if (object) resolve(object);
        else if (own !== undefined) reject(lostBy(own));
        else if (object === null) resolve(null);
        else reject(malformed(service));
      });
    },
    fail(error) {
      for (const { reject } of sought) reject(error);
    },
  };
}

function lookUpField({ lookUp: { steps }, selection }: FetchPlan, alias: string, keys: readonly JsonObject[]) {
  const own: OwnVariable[] = [];
  const texts = steps.map(({ field, arguments: given }, at) => {
    if (given.length === 0) return field;
    const args = given.map(({ name, template, type }) => {
      const variable = `${alias}${at > 0 ? `_${at}` : ""}_${name}`;
      own.push({ name: variable, type, value: fillIn(template, keys) });
      return `${name}: $${variable}`;
    });
    return `${field}(${args.join(", ")})`;
  });
  const text = texts.reduceRight(
    (below, step) => `${step} ${below.startsWith("{") ? below : `{ ${below} }`}`,
    selection.text,
  );
  return { text: `${alias}: ${text}`, own };
}

interface Answer {
  readonly data: JsonObject;
  readonly errors: ErrorNode | undefined;
}

/** What is answered where a look-up's steps lead. */
function belowSteps({ lookUp: { steps } }: FetchPlan, alias: string, { data, errors }: Answer): Answered {
  let value: unknown = data[alias];
  let node = errorsAt(errors, alias, data);
  for (const { field } of steps.slice(1)) {
    if (value === null || value === undefined) break;
    value = typeof value === "object" ? (value as JsonObject)[field] : undefined;
    node = node?.children?.get(field);
  }
  return { value: value ?? (node ? null : value), errors: node };
}

/** Each key's own item: in the order of the keys, or wherever an item shows the key. Undefined where it cannot be told which is whose. */
function manyFound(
  { selection }: FetchPlan,
  sought: readonly Sought[],
  { value: list, errors }: Answered,
): readonly Answered[] | undefined {
  if (list === null || (list === undefined && errors !== undefined)) return sought.map(() => ({ value: null, errors }));
  if (!Array.isArray(list)) return undefined;
  const answered = list.map((value, at) => ({ value, errors: errors?.children?.get(at) }));
  const isAsMany = list.length === sought.length;
  const [plan] = selection.objects.values();
  const keys = plan?.keys ?? [];
  if (keys.length === 0) return isAsMany ? answered : undefined;
  const shown = list.map((item) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? keyText(shownKey(item as JsonObject, keys))
      : undefined,
  );
  const wanted = sought.map((one) => textOf(one, keys));
  if (isAsMany && shown.every((one, at) => one === undefined || one === wanted[at])) return answered;
  const byKey = new Map(shown.map((one, at) => [one, answered[at]]));
  const unplaced = errorsOfUnplaced(answered, shown, errors);
  return wanted.map((one) => byKey.get(one) ?? { value: null, errors: unplaced });
}

/** Of a key without what is handed over for computed fields. */
function textOf({ key, text }: Sought, keys: readonly KeySource[]): string {
  if (Object.keys(key).length === keys.length) return text;
  return keyText(Object.fromEntries(keys.map(({ key: { remoteName } }) => [remoteName, key[remoteName] ?? null])));
}

/** Errors of items that are not there, of which nobody can say whose they were: they are those of all that is missing. */
function errorsOfUnplaced(
  answered: readonly Answered[],
  shown: readonly (string | undefined)[],
  errors: ErrorNode | undefined,
): ErrorNode | undefined {
  const lost = answered.flatMap((one, at) =>
    shown[at] === undefined && one.errors ? [[at, one.errors] as const] : [],
  );
  return errors && lost.length > 0 ? { ...errors, children: new Map(lost) } : undefined;
}
