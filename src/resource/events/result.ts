/**
 * Results as handlers see them, and what they have made of them. A result is read when the first handler asks for it; one that nobody asks
 * for stays as it is, with nothing read.
 */
import { isJsonObject, type Json, type JsonObject } from "../../base/json.ts";
import type { Revision } from "../../model/revision.ts";
import { copyOf } from "../authorize.ts";
import type { OperationContext, OutputKind } from "../operation.ts";
import type { Page, Resource, Snapshot } from "../resource.ts";
import { dataOf, shownInfoOf, toResource } from "../resource-of.ts";

export interface Shown<Output> {
  /** The same object for everybody. */
  result(): Promise<unknown>;
  /** The output, with what handlers have changed. */
  output(): Output;
}

type Context = Pick<OperationContext, "model" | "session">;

export function shownOf<Output>(context: Context, kind: OutputKind, output: Output): Shown<Output> {
  const make = makers[kind] as Maker;
  let made: Promise<Made> | undefined;
  let known: Made | undefined;
  return {
    async result() {
      made ??= Promise.resolve(make(context, output as never)).then((value) => {
        known = value;
        return value;
      });
      return (await made).result;
    },
    output: () => (known ? (known.output() as Output) : output),
  };
}

interface Made {
  readonly result: unknown;
  output(): unknown;
}

type Maker = (context: Context, output: never) => Made | Promise<Made>;

async function madeOfSnapshot(
  context: Context,
  snapshot: Snapshot,
): Promise<Made & { readonly result: Resource<unknown> }> {
  const before = await dataOf(context, snapshot);
  const resource = await toResource<unknown>(context, { ...snapshot, document: copyOf(before) as JsonObject });
  return {
    result: resource,
    output: (): Snapshot => ({ ...snapshot, document: storedForm(resource.data, before) as JsonObject }),
  };
}

/** Several: handlers may leave some out and change their order. */
async function madeOfSnapshots(context: Context, snapshots: readonly Snapshot[]) {
  const each = await Promise.all(snapshots.map((snapshot) => madeOfSnapshot(context, snapshot)));
  const places = new Map(each.map(({ result }, place) => [result, place]));
  const result = each.map((one) => one.result);
  const kept = () => result.flatMap((resource) => places.get(resource) ?? []);
  return { result, kept, output: () => kept().map((place) => each[place]?.output() as Snapshot) };
}

interface SnapshotPage {
  readonly edges: readonly { readonly node: Snapshot }[];
}

const makers: Readonly<Record<OutputKind, Maker>> = {
  resource: madeOfSnapshot as Maker,
  resources: madeOfSnapshots as Maker,
  async resourcePage(context, page: SnapshotPage) {
    const { result, kept, output } = await madeOfSnapshots(
      context,
      page.edges.map(({ node }) => node),
    );
    const edges = () => {
      const nodes = output();
      return kept().map((place, i) => ({ ...page.edges[place], node: nodes[i] }));
    };
    return { result, output: () => ({ ...page, edges: edges() }) };
  },
  revisionPage(_context, page: Page<Revision>) {
    const edges = page.edges.map(({ node, cursor }) => ({ node: shownInfoOf(node), cursor }));
    return { result: { ...page, edges }, output: () => page };
  },
  referrerPage: notShown,
  changes: notShown,
  typed: notShown,
  count: asIs,
  patch: asIs,
  json: asIs,
  purged: asIs,
  deletePlan: asIs,
};

function notShown(_context: Context, output: unknown): Made {
  return { result: undefined, output: () => output };
}

/** Parts of documents may be shared with others that read them. */
function asIs(_context: Context, output: unknown): Made {
  const copy = copyOf(output);
  return { result: copy, output: () => copy };
}

/**
 * A value of the schema's output type as documents hold it. Times that are still what they were keep their text: it may be
 * finer than a Date.
 */
function storedForm(value: unknown, before: unknown): Json {
  if (value instanceof Date) {
    const isSame = typeof before === "string" && new Date(before).getTime() === value.getTime();
    return isSame ? before : value.toISOString();
  }
  if (typeof value === "bigint") return String(value);
  if (value instanceof Set || value instanceof Map) return storedForm([...value], before);
  if (Array.isArray(value)) {
    const earlier = Array.isArray(before) ? before : [];
    return value.map((element, i) => storedForm(element, earlier[i]));
  }
  if (!isJsonObject(value)) return value as Json;
  const earlier = isJsonObject(before) ? before : {};
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, storedForm(member, earlier[name])]));
}
