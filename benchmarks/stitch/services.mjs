/**
 * The two remote services, on the ports PORT (catalog) and REVIEWS_PORT: for stitching (look-ups of lists) and for federation (`_entities`).
 * GET /requests answers how many requests each has had since it was asked last.
 */
import { createServer } from "node:http";
import { createQueries } from "./compiled-queries.mjs";
import { asSubgraph, catalogSdl, products, reviews, reviewsSdl, withLink } from "./shop.mjs";

const listOf =
  (objects) =>
  ({ upcs }) =>
    upcs.map((upc) => objects.get(upc) ?? null);

const subgraph = (sdl, objects, roots) =>
  createQueries(asSubgraph(sdl), {
    ...roots,
    _entities: ({ representations }) => representations.map(({ upc }) => objects.get(upc) ?? null),
    _service: () => ({ sdl: withLink(sdl) }),
  });

const counts = { catalog: 0, reviews: 0 };

function serve(name, answer, port) {
  const server = createServer((request, response) => {
    const finish = (status, body) => {
      const bytes = Buffer.from(JSON.stringify(body));
      response.writeHead(status, { "content-type": "application/json", "content-length": bytes.length }).end(bytes);
    };
    if (request.method === "GET") {
      finish(200, counts);
      for (const key of Object.keys(counts)) counts[key] = 0;
      return;
    }
    counts[name] += 1;
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", async () => {
      try {
        finish(200, await answer(JSON.parse(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))));
      } catch (error) {
        finish(400, { errors: [{ message: error.message }] });
      }
    });
  });
  server.keepAliveTimeout = 60_000;
  return new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
}

await serve("catalog", subgraph(catalogSdl, products, { products: listOf(products) }), Number(process.env.PORT));
await serve(
  "reviews",
  subgraph(reviewsSdl, reviews, { productsByUpc: listOf(reviews) }),
  Number(process.env.REVIEWS_PORT),
);
console.log("ready");
process.once("SIGTERM", () => process.exit(0));
