/**
 * Names for prepared statements, so that a connection parses and plans a text once. A name costs the server memory on
 * each connection for as long as it lives, so names go to texts that come again, and only so many.
 */

/**
 * Stands at the end of a text that is to be planned for its values, each time. A named statement gets one plan for all values after
 * some executions, chosen by what values cost on average: a condition that finds one head or all of them, by
 * its operand, would be served by a plan that reads the whole table for the one.
 */
export const plannedAnew = " /* planned anew */";

/** Of plans that one connection keeps; about 30 kB each. */
const maxNames = 200;
const maxSeenOnce = 1000;

/** Gives a text its name from the second time it is seen, while names last; "" else, which is an unnamed statement. */
export function statementNames(): (sql: string) => string {
  const names = new Map<string, string>();
  let seenOnce = new Set<string>();

  return (sql) => {
    if (sql.endsWith(plannedAnew)) return "";
    const known = names.get(sql);
    if (known !== undefined) return known;
    if (names.size >= maxNames) return "";
    if (!seenOnce.has(sql)) {
      if (seenOnce.size >= maxSeenOnce) seenOnce = new Set();
      seenOnce.add(sql);
      return "";
    }
    seenOnce.delete(sql);
    const name = `weft_${names.size + 1}`;
    names.set(sql, name);
    return name;
  };
}
