import { createGateway, z } from "weft";
import { artifactsOf, documents, heroId, profile } from "./heroes.ts";

const cacheBytes = process.env.BENCH_CACHE_BYTES;

const gateway = createGateway({
  defaultUser: "bench",
  ...(cacheBytes === undefined ? {} : { payloadCacheBytes: Number(cacheBytes) }),
  async seed() {
    for (let index = 0; index < documents; index++) {
      for (const size of ["small", "large"] as const) {
        const artifacts = artifactsOf(size, index);
        await heroes.create({ ...profile, artifacts }, { resourceId: heroId(size, index) });
      }
    }
  },
});

const Artifact = z.object({ id: z.number().int(), type: z.string(), power: z.number().int() });
const Hero = z.object({ name: z.string(), level: z.number().int(), artifacts: z.array(Artifact) });

// No indexed fields: an indexed one is answered from the head, and no payload is read at all.
const heroes = gateway.addModel("Hero", Hero);

export default gateway;
