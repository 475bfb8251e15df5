import { createGateway, ref, z } from "weft";
import { notes } from "./shop.mjs";

/** Without it the same gateway, on its own. */
const isStitched = process.env.BENCH_STITCHED !== "0";
const { CATALOG_URL = "", REVIEWS_URL = "" } = process.env;

const gateway = createGateway({
  defaultUser: "bench",
  ...(isStitched && {
    stitch: [
      { name: "catalog", url: CATALOG_URL, merge: { Product: { key: "upc", many: "products(upcs: $keys)" } } },
      { name: "reviews", url: REVIEWS_URL, merge: { Product: { key: "upc", many: "productsByUpc(upcs: $keys)" } } },
    ],
  }),
  async seed(empty) {
    for (const shelf of notes.values())
      for (const { title, shelf: name, rank, productUpc } of shelf)
        await empty
          .resource("Note")
          .create({ title, shelf: name, rank, productUpc }, { resourceId: `note:${name}-${rank}` });
  },
});

gateway.addModel(
  "Note",
  z.object({
    title: z.string(),
    shelf: z.string(),
    rank: z.number().int(),
    productUpc: isStitched ? ref("Product", { service: "catalog", key: "upc" }) : z.string(),
  }),
  // References are indexed by themselves; without services it is no reference, but what is stored must be the same.
  { indexedFields: ["shelf", "rank", ...(isStitched ? [] : ["productUpc"])], indexes: [["shelf", "rank"]] },
);

export default gateway;
