/**
 * The verb `referrers`: all that refers to a resource, by whatever field of whatever model: reference by reference in the order of the registry, each in the order of
 * ids. Each reference is read under the policies by which its own model is listed.
 */
import { WeftError } from "../../base/errors.ts";
import { checkPage } from "../../query/page.ts";
import { queryInvalid } from "../../query/query-error.ts";
import { isRefusal } from "../../resource/authorize.ts";
import { executeWithin } from "../../resource/execute.ts";
import { grantedHead } from "../../resource/granted.ts";
import type { Operation, OperationContext } from "../../resource/operation.ts";
import type { ResourcePage } from "../../resource/operations/page.ts";
import { referring } from "../../resource/operations/referring.ts";
import type { ReferrerInput, ReferrerPage } from "../../resource/referrer.ts";
import type { Relation } from "../../resource/relations.ts";

interface Group {
  readonly relation: Relation;
  readonly page: ResourcePage;
}

export const referrers: Operation<ReferrerInput, Promise<ReferrerPage>> = {
  name: "referrers",
  kind: "read",
  action: "getOne",
  place: "resource",
  description: "What refers to it, by any field of any model, or by those named; deleted resources left out.",
  input: {
    resourceId: { kind: "resourceId", isRequired: true },
    resource: { kind: "text", description: "Only of this resource name." },
    field: { kind: "text", description: "Only by this field: a dotted path." },
    first: { kind: "int" },
    after: { kind: "cursor" },
    last: { kind: "int" },
    before: { kind: "cursor" },
  },
  output: "referrerPage",
  async run(context, input) {
    const { resourceId } = input;
    await grantedHead(context, resourceId);
    const relations = relationsAsked(context, input);
    const { size, fromEnd, ...cursors } = checkPage(input, context.model.settings.limits);
    const [after, before] = [cursors.after, cursors.before].map((cursor) => cursor && placeOf(relations, cursor));
    const isNamed = Boolean(input.resource ?? input.field);
    const read = (relation: Relation, place: object) =>
      readGroup(context, relation, { input: { resourceId, ...place }, isNamed });
    const isOutside = (i: number) => (after && i < after.at) || (before && i > before.at);
    const reading = relations.map((relation, i) => {
      if (isOutside(i)) return undefined;
      return read(relation, {
        [fromEnd ? "last" : "first"]: Math.min(size, relation.other.settings.limits.maxLimit),
        ...(after && i === after.at ? { after: after.cursor } : {}),
        ...(before && i === before.at ? { before: before.cursor } : {}),
      });
    });
    const groups = (await Promise.all(reading)).filter((group) => group !== undefined);
    return {
      ...pageOf(groups, { size, fromEnd, after, before }),
      async totalCount() {
        const outside = await Promise.all(
          relations.filter((_, i) => isOutside(i)).map((one) => read(one, { first: 0 })),
        );
        const counts = [...groups, ...outside].map((group) => group?.page.totalCount() ?? 0);
        return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
      },
    };
  },
};

/** The same for all resources of a moment, so that each group is one statement for all of them. */
async function readGroup(
  context: OperationContext,
  relation: Relation,
  { input, isNamed }: { readonly input: { readonly resourceId: string }; readonly isNamed: boolean },
): Promise<Group | undefined> {
  const { services, session } = context;
  try {
    const page = await executeWithin({ model: relation.other, services, session }, referring(relation), input);
    return { relation, page };
  } catch (error) {
    if (isRefusal(error) && !isNamed) return undefined;
    throw error;
  }
}

interface Asked {
  readonly size: number;
  readonly fromEnd: boolean;
  readonly after: Place | "" | undefined;
  readonly before: Place | "" | undefined;
}

function pageOf(groups: readonly Group[], asked: Asked): Omit<ReferrerPage, "totalCount"> {
  const { size, fromEnd, after, before } = asked;
  const isLeftOut = ({ page }: Group) => (fromEnd ? page.pageInfo.hasPreviousPage : page.pageInfo.hasNextPage);
  const inOrder = fromEnd ? groups.toReversed() : groups;
  const last = inOrder.findIndex(isLeftOut);
  // Behind what one has left out, the others have to wait.
  const read = last === -1 ? inOrder : inOrder.slice(0, last + 1);
  const all = (fromEnd ? read.toReversed() : read).flatMap(({ relation, page }) =>
    page.edges.map(({ node, cursor }) => ({ node, relation, cursor: () => cursorOf(relation, cursor()) })),
  );
  const edges = fromEnd ? all.slice(Math.max(0, all.length - size)) : all.slice(0, size);
  const hasMore = all.length > size || last !== -1;
  return {
    edges,
    pageInfo: {
      hasNextPage: fromEnd ? Boolean(before) : hasMore,
      hasPreviousPage: fromEnd ? hasMore : Boolean(after),
      get startCursor() {
        return edges[0]?.cursor() ?? null;
      },
      get endCursor() {
        return edges.at(-1)?.cursor() ?? null;
      },
    },
  };
}

function incoming({ model }: OperationContext): Relation[] {
  return model.relations().filter(({ kind, other }) => kind === "reverse" && other.operations.has("page"));
}

function relationsAsked(context: OperationContext, { resource, field }: ReferrerInput): Relation[] {
  const all = incoming(context);
  const ofResource = all.filter(({ resourceName }) => !resource || resourceName === resource);
  if (resource && ofResource.length === 0)
    throw unknownName(
      "resource",
      resource,
      all.map(({ resourceName }) => resourceName),
    );
  const asked = ofResource.filter(({ reference }) => !field || reference.path === field);
  if (field && asked.length === 0)
    throw unknownName(
      "field",
      field,
      ofResource.map(({ reference }) => reference.path),
    );
  return asked;
}

function unknownName(argument: string, name: string, known: readonly string[]): WeftError {
  const names = [...new Set(known)].join(", ") || "none";
  return queryInvalid([argument], `Nothing refers to it by ${argument} ${JSON.stringify(name)}. Known: ${names}.`);
}

interface Place {
  /** Which of the relations. */
  readonly at: number;
  /** In its page. */
  readonly cursor: string;
}

function cursorOf({ resourceName, reference }: Relation, cursor: string): string {
  return Buffer.from(JSON.stringify([resourceName, reference.path, cursor])).toString("base64url");
}

/** @throws CURSOR_INVALID */
function placeOf(relations: readonly Relation[], text: string): Place {
  const [resourceName, path, cursor, ...rest] = parsed(text);
  const at = relations.findIndex((one) => one.resourceName === resourceName && one.reference.path === path);
  if (at === -1 || typeof cursor !== "string" || rest.length > 0) throw new WeftError("CURSOR_INVALID");
  return { at, cursor };
}

/** As long as the longest names and ids make it. */
const maxCursorLength = 4096;

function parsed(text: string): readonly unknown[] {
  if (text.length > maxCursorLength) throw new WeftError("CURSOR_INVALID");
  try {
    const content: unknown = JSON.parse(Buffer.from(text, "base64url").toString());
    if (Array.isArray(content)) return content;
  } catch (error) {
    throw new WeftError("CURSOR_INVALID", {}, error);
  }
  throw new WeftError("CURSOR_INVALID");
}
