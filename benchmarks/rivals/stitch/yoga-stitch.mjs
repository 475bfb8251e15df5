/** Bare stitchSchemas under Yoga: look-ups by lists of keys, executors on undici, the notes a schema in its process. */
import { stitchSchemas } from "@graphql-tools/stitch";
import { buildSchema, print } from "graphql";
import { createYoga } from "graphql-yoga";
import { Pool } from "undici";
import { catalogSdl, reviewsSdl, withoutKeys } from "../../stitch/shop.mjs";
import { notesSchema } from "./notes.mjs";
import { serve } from "./serve.mjs";

const printed = new WeakMap();

function executorOf(url) {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: 32 });
  return async ({ document, variables }) => {
    let query = printed.get(document);
    if (query === undefined) {
      query = print(document);
      printed.set(document, query);
    }
    const { body } = await pool.request({
      path: pathname,
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query, variables }),
    });
    return body.json();
  };
}

const subschema = (sdl, url, fieldName) => ({
  schema: buildSchema(withoutKeys(sdl)),
  executor: executorOf(url),
  merge: {
    Product: {
      selectionSet: "{ upc }",
      fieldName,
      key: ({ upc }) => upc,
      argsFromKeys: (upcs) => ({ upcs }),
    },
  },
});

const schema = stitchSchemas({
  subschemas: [
    subschema(catalogSdl, process.env.CATALOG_URL, "products"),
    subschema(reviewsSdl, process.env.REVIEWS_URL, "productsByUpc"),
    { schema: notesSchema },
  ],
});

serve(createYoga({ schema, logging: false, landingPage: false, graphiql: false }));
