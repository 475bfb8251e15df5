/** The pass over a stored document that gives what the schema's output type says: Date, bigint, Set, Map. */
import { isJsonObject } from "../base/json.ts";
import { type Content, type Pass, type PassMaker, passes, reaches } from "./content.ts";
import { canonicalDatetime } from "./datetime.ts";

type Reviver = Pass<undefined>;

/**
 * Undefined where documents are what the schema gives already. Else a pass that copies what it has to and shares the rest with the
 * document.
 */
export function reviverOf(content: Content): Reviver | undefined {
  return passes(makeReviver)(content);
}

function makeReviver(content: Content, below: PassMaker<undefined>): Reviver | undefined {
  if (!reaches(content, isRevived)) return undefined;
  switch (content.kind) {
    case "bigint":
      return (value) => (typeof value === "string" ? BigInt(value) : value);
    case "datetime":
      return (value) => (typeof value === "string" ? revivedTime(value, content) : value);
    case "list":
      return eachElement(below(content.element));
    case "set": {
      const elements = eachElement(below(content.element));
      return (value) => (Array.isArray(value) ? new Set(elements(value, undefined) as unknown[]) : value);
    }
    case "map": {
      const key = below(content.key) ?? asIs;
      const mapped = below(content.value) ?? asIs;
      return (value) =>
        Array.isArray(value) ? new Map(value.map(([k, v]) => [key(k, undefined), mapped(v, undefined)])) : value;
    }
    case "tuple": {
      const items = content.items.map(below);
      const rest = content.rest && below(content.rest);
      return (value) =>
        Array.isArray(value)
          ? value.map((e, i) => ((i < items.length ? items[i] : rest) ?? asIs)(e, undefined))
          : value;
    }
    case "object":
      return fieldReviver(content.fields, below);
    case "free object":
      return fieldReviver(content.fields, below, content.rest && below(content.rest));
    case "union": {
      const members = new Map([...content.members].map(([value, member]) => [value, below(member)]));
      return (value) => {
        const chosen = isJsonObject(value) ? members.get(String(value[content.discriminator])) : undefined;
        return chosen === undefined ? value : chosen(value, undefined);
      };
    }
    default:
      return undefined;
  }
}

function isRevived(content: Content): boolean {
  if (content.kind === "datetime") return content.holds === "Date" || content.precision !== undefined;
  if (content.kind === "bigint") return content.holds === "bigint";
  return content.kind === "set" || content.kind === "map";
}

function revivedTime(text: string, { holds, precision }: Extract<Content, { kind: "datetime" }>): unknown {
  return holds === "Date" ? new Date(text) : canonicalDatetime(text, precision);
}

const asIs: Reviver = (value) => value;

function eachElement(element: Reviver = asIs): Reviver {
  return (value) => (Array.isArray(value) ? value.map((each) => element(each, undefined)) : value);
}

function fieldReviver(fields: ReadonlyMap<string, Content>, below: PassMaker<undefined>, rest?: Reviver): Reviver {
  const revived = [...fields].flatMap(([name, field]) => {
    const pass = below(field);
    return pass === undefined ? [] : [[name, pass] as const];
  });
  return (value) => {
    if (!isJsonObject(value)) return value;
    const copy = { ...value };
    for (const [name, pass] of revived) {
      if (Object.hasOwn(copy, name)) copy[name] = pass(copy[name], undefined);
    }
    if (rest === undefined) return copy;
    for (const key of Object.keys(copy)) {
      if (!fields.has(key)) copy[key] = rest(copy[key], undefined);
    }
    return copy;
  };
}
