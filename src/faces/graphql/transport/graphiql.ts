/** GraphiQL, the page that browsers get. Everything it needs is in the one document; it talks to its own origin only. */
import type { GraphiQLOptions } from "graphql-yoga";

export interface GraphiqlOptions {
  readonly title?: string;
  readonly defaultQuery?: string;
}

const defaultQuery = `# weft: versioned resources.
# Every change is a revision that can be read,
# compared and restored.
#
# Ctrl-Space completes, Ctrl-Enter runs the
# operation under the cursor.

query Overview {
  __schema {
    queryType { fields { name description } }
  }
}

# All changes from the beginning, then live ones.
subscription Changes {
  resourceChanged(after: "0") {
    cursor
    action
    resourceId
    revisionId
    actor
    time
    changedPaths
  }
}
`;

/** A policy that a browser enforces: scripts, styles, pictures and workers of this page only, calls to this origin only. */
export const graphiqlPolicy = [
  "default-src 'none'",
  "script-src 'unsafe-inline'",
  "worker-src blob:",
  "style-src 'unsafe-inline'",
  "font-src data:",
  "img-src data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The page is 9 MB, most of it an editor: loaded and rendered when the first browser comes. */
export function createGraphiqlPage(options: GraphiqlOptions): () => Promise<string> {
  const settings: GraphiQLOptions = {
    title: options.title ?? "weft",
    defaultQuery: options.defaultQuery ?? defaultQuery,
    subscriptionsProtocol: "WS",
    endpoint: "/graphql",
  };
  let page: Promise<string> | undefined;
  return () => {
    page ??= import("@graphql-yoga/render-graphiql").then((module) => module.renderGraphiQL(settings));
    return page;
  };
}
