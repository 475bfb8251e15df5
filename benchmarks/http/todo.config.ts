import { createGateway, z } from "weft";

const gateway = createGateway({ defaultUser: "bench" });

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
