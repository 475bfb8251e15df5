/** A place where parts of an object are answered, its own service or a fetch, and what is written to have them answered. */
import { type FieldNode, Kind, print, visit } from "graphql";
import type { MergedType } from "../compose/composition.ts";
import type { KeyField, LookUp } from "../service/look-up.ts";
import type { Service } from "../service/service.ts";
import { answerKey, type KeySource, type SelectionPlan } from "./plan.ts";
import { belowOf } from "./routes.ts";
import type { PlanScope } from "./scope.ts";

export interface Site {
  readonly service: Service;
  readonly lookUp: LookUp | undefined;
  readonly fields: Map<string, readonly FieldNode[]>;
  /** By response key: fields of keys that others want from here. */
  readonly keys: Map<string, KeyField>;
  readonly key: KeySource[];
}

export function siteOf(service: Service, lookUp: LookUp | undefined): Site {
  return { service, lookUp, fields: new Map(), keys: new Map(), key: [] };
}

/** Has a site tell a field of a key; two that want parts of one object want them together. */
export function wantKey({ keys }: Site, responseKey: string, key: KeyField): void {
  const known = keys.get(responseKey);
  keys.set(responseKey, known === undefined ? key : joined(known, key));
}

function joined(one: KeyField, other: KeyField): KeyField {
  if (one.below === undefined || other.below === undefined) return one;
  const below = new Map(one.below.map((field) => [field.name, field]));
  for (const field of other.below) {
    const known = below.get(field.name);
    below.set(field.name, known ? joined(known, field) : field);
  }
  return { ...one, below: [...below.values()] };
}

/** A field of the client's, as it is asked of a service. */
export interface AnsweredField {
  /** In the answer. */
  key: string;
  /** "name(first: $n) { … }" */
  readonly text: string;
  readonly name: string;
  /** Fields of one response key are to have the same one, whatever their parent's type (GraphQL specification §5.3.2). */
  readonly shape: string;
  readonly args: readonly string[];
  readonly below: SelectionPlan | undefined;
}

export interface Answer {
  /** By the client's response keys. */
  readonly fields: ReadonlyMap<string, AnsweredField>;
  readonly keys: string;
  readonly variables: ReadonlySet<string>;
}

export function answerOf(site: Site, type: MergedType, scope: PlanScope): Answer {
  const { service } = site;
  const variables = new Set<string>();
  const fields = new Map<string, AnsweredField>();
  for (const [responseKey, nodes] of site.fields) {
    const [node] = nodes;
    const field = type.services.get(service)?.fields.get(node?.name.value ?? "");
    if (node === undefined || field === undefined) continue;
    const args = (node.arguments ?? []).map((argument) => print(argument));
    for (const name of variablesIn(node)) variables.add(name);
    const merged = belowOf(service, field, scope.composition.types);
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const below =
      merged !== undefined && sets.length > 0 ? scope.planBelow({ service, type: merged, sets }, scope) : undefined;
    for (const name of below?.variables ?? []) variables.add(name);
    const text = `${field.name}${args.length > 0 ? `(${args.join(", ")})` : ""}${below ? ` ${below.text}` : ""}`;
    fields.set(responseKey, {
      key: answerKey(responseKey),
      text,
      name: field.name,
      shape: `${field.type} ${below?.text ?? ""}`,
      args: (node.arguments ?? []).map(({ name }) => name.value),
      below,
    });
  }
  const keys = [...site.keys].filter(([key]) => ![...fields.values()].some((field) => field.key === key));
  return {
    fields,
    keys: keys.map(([key, field]) => keyFieldText(key, field, { service, type, scope })).join(" "),
    variables,
  };
}

/** "name price", without braces. */
export function answerText({ fields, keys }: Answer): string {
  const texts = [...fields.values()].map(({ key, name, text }) => (key === name ? text : `${key}: ${text}`));
  return [...texts, keys].filter((text) => text !== "").join(" ") || "__typename";
}

interface KeyScope {
  readonly service: Service;
  readonly type: MergedType;
  readonly scope: PlanScope;
}

function keyFieldText(responseKey: string, key: KeyField, { service, type, scope }: KeyScope): string {
  const field = type.services.get(service)?.told.get(key.name);
  const remoteName = field?.name ?? key.remoteName;
  const text = responseKey === remoteName ? remoteName : `${responseKey}: ${remoteName}`;
  if (key.below === undefined || field === undefined) return text;
  const below = belowOf(service, field, scope.composition.types);
  if (below === undefined) return text;
  const inner = key.below.map((one) => keyFieldText(one.name, one, { service, type: below, scope }));
  return `${text} { ${inner.join(" ")} }`;
}

function variablesIn(node: FieldNode): readonly string[] {
  const names: string[] = [];
  for (const argument of node.arguments ?? [])
    visit(argument.value, {
      [Kind.VARIABLE](variable) {
        names.push(variable.name.value);
      },
    });
  return names;
}
