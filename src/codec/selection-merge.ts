import type { ElementSelector, ListSelection, ObjectSelection, Selection } from "./selection.ts";

/**
 * What either wants; never loses a field. `"all"` absorbs, and so does the union of fields with elements, which no
 * value can satisfy but a union of an object and a list: it becomes `"all"`.
 */
export function mergeSelections(a: Selection, b: Selection): Selection {
  if (a === b) return a;
  if (a === "all" || b === "all") return "all";
  if (a.kind === "object") return b.kind === "object" ? mergeFields(a, b) : "all";
  return b.kind === "list" ? mergeParts(a, b) : "all";
}

function mergeFields(a: ObjectSelection, b: ObjectSelection): ObjectSelection {
  const fields = new Map(a.fields);
  for (const [name, below] of b.fields) {
    const known = fields.get(name);
    fields.set(name, known === undefined ? below : mergeSelections(known, below));
  }
  return { kind: "object", fields };
}

function mergeParts(a: ListSelection, b: ListSelection): ListSelection {
  const parts = new Map<string, ListSelection["parts"][number]>();
  for (const part of [...a.parts, ...b.parts]) {
    const text = selectorText(part.selector);
    const known = parts.get(text);
    parts.set(text, known ? { ...part, below: mergeSelections(known.below, part.below) } : part);
  }
  return { kind: "list", parts: [...parts.values()] };
}

function selectorText(selector: ElementSelector): string {
  if ("index" in selector) return String(selector.index);
  return `${selector.start ?? ""}:${selector.stop ?? ""}:${selector.step}`;
}
