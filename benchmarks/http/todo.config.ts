import { createGateway, type PolicyChains, z } from "weft";

/** For policies.bench.ts: a condition that holds of every row, and a mask over one field, made anew for each operation. */
const guarded: PolicyChains = {
  universal: [
    ({ actor }) => ({ where: { owner: { ne: `not ${actor}` } } }),
    () => ({ fields: { read: { except: ["tags"] } } }),
  ],
};

const gateway = createGateway({
  defaultUser: "bench",
  ...(process.env.BENCH_POLICIES === "1" ? { policies: guarded } : {}),
});

gateway.addModel(
  "Todo",
  z.object({
    title: z.string(),
    description: z.string(),
    level: z.number().int(),
    done: z.boolean(),
    owner: z.string(),
    tags: z.array(z.string()).default([]),
  }),
  // The rival's table has the same index.
  { indexedFields: ["level", "done", "owner"], indexes: [["owner", "done", "-level"]] },
);

export default gateway;
