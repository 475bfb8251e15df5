/** QB expressions (`QB['age'] > 18`) to queries: CONTRACT §4. Parsed by a grammar of their own (`parser.ts`), never evaluated as code. */
import type { Place } from "../query-error.ts";
import type { ResourceQuery } from "../resource-query.ts";
import { interpret } from "./interpret.ts";
import { createMarks } from "./marks.ts";
import { parseSyntax } from "./parser.ts";
import type { QbContext } from "./relative-dates.ts";
import { queryOf } from "./search.ts";
import { createSource, type Location, type QbLimits } from "./source.ts";

export interface ParsedQb {
  /** Not yet checked against a model. `isDeleted` is null where the expression speaks of deletion itself. */
  readonly query: ResourceQuery;
  /** Where the expression says what stands at this place of `query`; its beginning where that is not known. */
  locationOf(place: Place): Location;
}

export interface QbOptions {
  readonly context: QbContext;
  readonly limits: QbLimits & { readonly maxConditions: number };
}

/** @throws QUERY_INVALID, LIMIT_EXCEEDED; `details.line` and `details.column` tell where */
export function parseQb(text: string, { context, limits }: QbOptions): ParsedQb {
  const source = createSource(text);
  const syntax = parseSyntax(source, limits);
  const marks = createMarks(source, limits.maxConditions);
  const query = queryOf(interpret({ source, context, marks, zones: new Set() }, syntax));
  return { query, locationOf: (place) => source.locationOf(marks.offsetOf(query, place) ?? syntax.start) };
}
