/** Commits of which some have provisos → the arguments of weft_commit_if() in prisma/migrations. */
import type { Head } from "../../../../model/resource-meta.ts";
import type { Commit, HeadWrite } from "../../meta-store.ts";
import { isStorable, maxViolating, nonesOf, unchangedOf } from "../../refusal.ts";
import type { Argument } from "./database.ts";
import { violationSql } from "./violation-sql.ts";

export const conditionalSql = "select weft_commit_if($1::text::jsonb, $2::text::jsonb, $3::text::jsonb)";

/** @param encodeBatch as for weft_commit */
export function conditionalArguments(
  commits: readonly Commit[],
  encodeBatch: (commits: readonly Commit[]) => string,
): Argument[] {
  const texts = new Map<string, number>();
  const conditional = commits.flatMap((commit, i) =>
    commit.provisos === undefined ? [] : [encodeProvisos(commit, i, texts)],
  );
  return [
    encodeBatch(commits.map(withUnchangedWrites)),
    JSON.stringify(conditional),
    JSON.stringify([...texts.keys()]),
  ];
}

/** @param texts each with its place; those that are missing are added */
function encodeProvisos(commit: Commit, number: number, texts: Map<string, number>): object {
  const nones = nonesOf(commit).map(([place, none]) => {
    const { sql, args } = violationSql(none);
    const text = texts.get(sql) ?? texts.size;
    texts.set(sql, text);
    return { text, place, args, most: maxViolating };
  });
  const written = new Set(commit.writes.map(({ resourceId }) => resourceId));
  const unchanged = unchangedOf(commit).flatMap(({ resourceId, etag }, place) =>
    written.has(resourceId) ? [] : [{ place, resource_id: storable(resourceId), etag: etag && storable(etag) }],
  );
  return { commit: number, unchanged, nones };
}

/** Neither a resource nor a head has this for its name. */
const nobodys = "";

function storable(text: string): string {
  return isStorable(text) ? text : nobodys;
}

/** What a commit writes is compared before it is written. Where it wants it with two etags, it finds neither. */
function withUnchangedWrites(commit: Commit): Commit {
  const wanted = unchangedOf(commit);
  if (wanted.length === 0) return commit;
  const isContradictory = ({ resourceId, previous }: HeadWrite) =>
    wanted.some((one) => one.resourceId === resourceId && one.etag !== (previous?.etag ?? null));
  const writes = commit.writes.map((write) => (isContradictory(write) ? { ...write, previous: nobodysHead } : write));
  return { ...commit, writes };
}

const nobodysHead = { etag: nobodys } as Head;
