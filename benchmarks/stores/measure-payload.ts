import type { PayloadStore } from "../../src/stores/payload/payload-store.ts";
import { randomNumbers } from "../http/rows.ts";
import { type Figures, type Prepare, race } from "./race.ts";
import { type PayloadSide, payloadSide } from "./raw.ts";

export interface PayloadContender {
  readonly name: string;
  readonly store: PayloadStore;
  /** What it is compared with, by name, each in turns with it. Closed by who made it. */
  readonly beside?: Readonly<Record<string, PayloadSide>>;
}

const bytes = Buffer.alloc(1000, "weft");
const payloads = 200;
const random = randomNumbers(7);
let written = 0;

export async function measurePayload(contender: PayloadContender, samples: number): Promise<Figures> {
  const { name, store, beside = {} } = contender;
  const sides = Object.entries(beside).map(([other, side]) => ({ suffix: ` (${other})`, side }));
  sides.unshift({ suffix: "", side: payloadSide(store) });
  const folder = `todo/todo:${name.replaceAll(/[^a-z0-9]/g, "-")}`;
  const keyOf = (suffix: string, number: number) => `${folder}${suffix.replaceAll(/[^a-z0-9]/g, "-")}/${number}/w`;
  for (const { suffix, side } of sides) {
    for (let number = 0; number < payloads; number++) {
      await side.write(keyOf(suffix, number), bytes);
      // What is cached is cached from here on.
      await side.get(keyOf(suffix, number));
    }
  }
  const each = (operation: string, prepare: (suffix: string, side: PayloadSide) => Prepare) =>
    race(
      Object.fromEntries(sides.map(({ suffix, side }) => [`${operation}${suffix}`, prepare(suffix, side)])),
      samples,
    );
  const get = await each("get", (suffix, side) => () => {
    const key = keyOf(suffix, Math.floor(random() * payloads));
    return () => side.get(key);
  });
  const put = await each("put", (suffix, side) => () => {
    const key = keyOf(suffix, payloads + written++);
    return () => side.write(key, bytes);
  });
  return { ...get, ...put };
}
