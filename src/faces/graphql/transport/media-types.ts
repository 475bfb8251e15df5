/** What a caller wants back (GraphQL over HTTP §6.1, RFC 9110 §12.5.1). */

export const json = "application/json";
/** The media type whose status codes mean something. */
export const graphqlResponse = "application/graphql-response+json";
const eventStream = "text/event-stream";

export interface Wanted {
  /** The JSON media type to answer with; undefined where none is acceptable. */
  readonly mediaType: typeof json | typeof graphqlResponse | undefined;
  /** Does the caller take server-sent events? */
  readonly events: boolean;
}

const known = new Map<string, Wanted>();

export function wantedBy(accept: string | null | undefined): Wanted {
  const header = accept || "*/*";
  let wanted = known.get(header);
  if (wanted === undefined) {
    wanted = read(header);
    // Clients send few different headers; whoever sends many gets them read each time.
    if (known.size < 100) known.set(header, wanted);
  }
  return wanted;
}

function read(accept: string): Wanted {
  const types = accept
    .toLowerCase()
    .split(",")
    .map((range) => range.split(";").map((part) => part.trim()))
    .filter(([, ...params]) => !params.includes("q=0"))
    .map(([type]) => type);
  const first = types.find((type) => type === json || type === graphqlResponse);
  const isAnyJson = types.includes("*/*") || types.includes("application/*");
  return {
    mediaType: (first as Wanted["mediaType"]) ?? (isAnyJson ? json : undefined),
    events: types.includes(eventStream),
  };
}

/** Is it JSON, in UTF-8? */
export function isJsonContent(contentType: string | null | undefined): boolean {
  if (contentType === json) return true;
  const [type, ...params] = (contentType ?? "")
    .toLowerCase()
    .split(";")
    .map((part) => part.trim());
  if (type !== json && type !== "application/graphql+json") return false;
  const charset = params.find((param) => param.startsWith("charset="));
  return charset === undefined || /^charset="?utf-?8"?$/.test(charset);
}
