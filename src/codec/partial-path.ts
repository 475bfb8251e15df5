/**
 * Partial paths (CONTRACT §5): a superset of JSON Pointer (RFC 6901) that names parts of a document, such as
 * `name`, `/boss/name`, `items/-/price` (every element), `items/-1` (the last), `items/1:3/name` (a slice).
 */
import { WeftError } from "../base/errors.ts";
import type { ObjectSelection, Selection } from "./selection.ts";
import { mergeSelections } from "./selection-merge.ts";
import type { ObjectShape, Shape, UnionShape } from "./shape.ts";
import { readSelector } from "./slice.ts";

const maxPaths = 1_000;
const maxPathLength = 4_096;

/**
 * The union of what the paths name. Empty segments count for nothing: the leading slash is optional, and `""` and `/` are
 * the whole document. `~0` and `~1` are `~` and `/`. Unknown fields of an object select nothing, segments below a scalar
 * are ignored, free-form JSON is selected whole. Of a union the fields of the actual member are selected, and always its
 * discriminator.
 * @throws PARTIAL_PATH_INVALID with `details.path` on a list's segment that is no selector, a step of 0, a stray `~`;
 * LIMIT_EXCEEDED above 1,000 paths or 4,096 characters in one
 */
export function selectionFromPaths(paths: readonly string[], shape: ObjectShape): Selection {
  if (paths.length > maxPaths) throw new WeftError("LIMIT_EXCEEDED", { hint: `At most ${maxPaths} partial paths.` });
  let selection: Selection = { kind: "object", fields: new Map() };
  for (const path of new Set(paths)) selection = mergeSelections(selection, selectionFromPath(path, shape));
  return selection;
}

function selectionFromPath(path: string, shape: ObjectShape): Selection {
  if (path.length > maxPathLength) {
    throw new WeftError("LIMIT_EXCEEDED", { hint: `A partial path has at most ${maxPathLength} characters.` });
  }
  if (/~(?![01])/.test(path)) throw pathInvalid(path, "In a path ~ is written ~0.");
  const segments = path
    .split("/")
    .filter((segment) => segment !== "")
    .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));
  const selection = selectionBelow({ segments, known: new Map() }, 0, shape);
  if (selection !== undefined) return selection;
  throw pathInvalid(path, "In a list a segment is -, an index, or a slice start:stop:step with a step other than 0.");
}

interface Path {
  readonly segments: readonly string[];
  /** Of unions, by shape and segment: members of recursive ones lead to the same places, in more ways than can be walked. */
  readonly known: Map<UnionShape, (Selection | undefined)[]>;
}

/** Undefined where a segment is no selector of the list it stands for. */
function selectionBelow(path: Path, at: number, shape: Shape): Selection | undefined {
  const segment = path.segments[at];
  if (segment === undefined) return "all";
  switch (shape.kind) {
    case "scalar":
    case "json":
      return "all";
    case "list": {
      const selector = segment === "-" ? { step: 1 } : readSelector(segment);
      const below = selector && selectionBelow(path, at + 1, shape.element);
      return selector && below && { kind: "list", parts: [{ selector, below }] };
    }
    case "object": {
      const field = shape.fields.get(segment);
      if (!field) return objectSelection([]);
      const below = selectionBelow(path, at + 1, field);
      return below && objectSelection([[segment, below]]);
    }
    case "union":
      return selectionOfUnion(path, at, shape);
  }
}

/** Members may hold different things under one name: the path is invalid only where it fits none of them. */
function selectionOfUnion(path: Path, at: number, shape: UnionShape): Selection | undefined {
  const known = path.known.get(shape) ?? [];
  path.known.set(shape, known);
  if (at in known) return known[at];
  const tag = objectSelection([[shape.discriminator, "all"]]);
  const fitting: Selection[] = [];
  for (const member of shape.members.values()) {
    const selection = selectionBelow(path, at, member);
    if (selection) fitting.push(selection);
  }
  const selection = fitting.length > 0 ? fitting.reduce(mergeSelections, tag) : undefined;
  known[at] = selection;
  return selection;
}

function objectSelection(fields: readonly (readonly [string, Selection])[]): ObjectSelection {
  return { kind: "object", fields: new Map(fields) };
}

function pathInvalid(path: string, hint: string): WeftError {
  return new WeftError("PARTIAL_PATH_INVALID", { path, hint });
}
