/** What violates provisos "none" → SQL: one text for all provisos of one shape, of whatever commits, since to plan it takes longer than to execute it. */

import type { PlainCondition } from "../../../../query/condition.ts";
import type { HeadQuery } from "../../meta-store.ts";
import { type None, queryOf } from "../../refusal.ts";
import { placesIn } from "./placeholders.ts";
import { filterSql, type Statement, shapeOf, textOf } from "./search-sql.ts";

/** Answers arrays of a commit and of what weft_commit_if wants of it. Its one argument is the array of the "nones" that have this text. */
export function violationSql(none: None): Statement {
  const query = queryOf(none);
  const shape = shapeOf("violation", query);
  return { sql: textOf(shape, () => violationText(query)), args: shape.args };
}

/**
 * A limit that PostgreSQL does not see when it plans, so that it does not count on finding so many early. Mostly there is nothing to be found: whatever is
 * quick to find the first of many would read all of the name then.
 */
const mostSql = "(n.none ->> 'most')::integer";

function violationText(query: HeadQuery<PlainCondition>): string {
  const where = filterSql(query, { given: placesIn("(n.none -> 'args')"), tables: [] });
  return `
    select jsonb_agg(jsonb_build_array(n.none -> 'commit', jsonb_build_array(n.none -> 'place', v.ids)))
    from jsonb_array_elements($1) n(none)
    cross join lateral (
      select jsonb_agg(f.resource_id order by f.resource_id) as ids
      from (select h.resource_id from weft_head h where ${where} limit ${mostSql}) f
    ) v
    where v.ids is not null`;
}
