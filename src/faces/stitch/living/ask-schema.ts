/**
 * Asks a service for its schema. Introspection first; then, where the service tells more of itself than introspection can, its SDL with
 * directives: `_sdl` (schema stitching) or `_service` (Apollo Federation subgraphs). Where introspection is off, these alone.
 */
import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery, printSchema } from "graphql";
import { WeftError } from "../../../base/errors.ts";
import type { Remote, RemoteCaller, RemoteResult } from "../remote/remote.ts";

/** What a service has told of itself. */
export interface ToldSchema {
  readonly sdl: string;
  /** Is it a subgraph of Apollo Federation, with keys in its SDL? */
  readonly isSubgraph: boolean;
}

const nobody: RemoteCaller = { actor: null, headers: {} };

const newest = getIntrospectionQuery({ specifiedByUrl: true, oneOf: true, inputValueDeprecation: true });
const oldest = getIntrospectionQuery();

/** @throws WeftError UPSTREAM_UNAVAILABLE where it cannot be asked, or tells nothing */
export async function askSchema(remote: Remote): Promise<ToldSchema> {
  const ask = (query: string) => remote.execute({ kind: "query", query }, nobody);
  let introspection = await ask(newest);
  // Services of an older specification know less of themselves.
  if (introspection.data == null) introspection = await ask(oldest);
  const asks = asksOf(introspection);
  if (asks.sdl) {
    const text = textIn(await ask("{ _sdl }"), "_sdl");
    if (text !== undefined) return { sdl: text, isSubgraph: false };
  }
  if (asks.service) {
    const { data } = await ask("{ _service { sdl } }");
    const text = textIn({ data: (data?._service ?? null) as never }, "sdl");
    if (text !== undefined) return { sdl: text, isSubgraph: true };
  }
  if (introspection.data == null)
    throw new WeftError("UPSTREAM_UNAVAILABLE", {
      service: remote.name,
      reason: "malformed",
      hint: "It tells no schema.",
    });
  const schema = buildClientSchema(introspection.data as unknown as IntrospectionQuery);
  return { sdl: printSchema(schema), isSubgraph: false };
}

/** Which ways a service has to tell its SDL; where introspection is off, any may be. */
function asksOf({ data }: RemoteResult): { readonly sdl: boolean; readonly service: boolean } {
  if (data == null) return { sdl: true, service: true };
  const { __schema: told } = data as unknown as IntrospectionQuery;
  const query = told.types.find(({ name }) => name === told.queryType.name);
  const names = query && "fields" in query ? query.fields.map(({ name }) => name) : [];
  return { sdl: names.includes("_sdl"), service: names.includes("_service") };
}

function textIn({ data }: RemoteResult, name: string): string | undefined {
  const text = data?.[name];
  return typeof text === "string" && text.trim() !== "" ? text : undefined;
}
