/**
 * Orders by text. An index holds the beginning of a text only (`keyLength`), and a page is read in the order of
 * these keys. As long as no text on it, nor at its bounds, is as long as that, the page is right: a longer text beside it would
 * have a longer key than any of them, and so another one. Where there is such a text, the page is read again in the order of
 * whole texts, which no index has.
 */
import type { Head } from "../../../../model/resource-meta.ts";
import { fieldValue } from "../../../../query/compare.ts";
import type { HeadQuery } from "../../meta-store.ts";
import { isLongText } from "./field-sql.ts";

export function sortsLongTexts({ sort, after, before }: HeadQuery, heads: readonly Head[]): boolean {
  return sort.some(({ field }, i) => {
    if (field.source === "meta" || field.type === "bigint") return false;
    const bounds = [after, before].map((position) => position?.values[i]);
    return bounds.some(isLong) || heads.some((head) => isLong(fieldValue(head, field)));
  });
}

function isLong(value: unknown): boolean {
  return typeof value === "string" && isLongText(value);
}
