/** What is asked of the gateway of heroes.config.ts: name and level of a hero, large or small. */
import type { Request } from "../http/load.ts";
import { randomNumbers } from "../http/rows.ts";

/** The small ones are 1 KB, the large ones 10 MB. */
export type Size = "small" | "large";

/** Of each size. */
export const documents = 8;

/** AutoCRUD's: `type` is a text of 200 to 20,000 characters. */
export function artifactsOf(size: Size, index: number) {
  if (size === "small") return [{ id: 0, type: "x".repeat(950), power: 1 }];
  const random = randomNumbers(index + 1);
  const letter = () => String.fromCharCode(97 + Math.floor(random() * 26));
  return Array.from({ length: 1_000 }, (_, id) => {
    const type = letter().repeat(200 + Math.floor(random() * 19_801));
    return { id, type, power: Math.floor(random() * 10_000) };
  });
}

export function heroId(size: Size, index: number): string {
  return `hero:${size}-${index}`;
}

/** What small and large ones have in common. */
export const profile = { name: "Aria of the Northern Reach", level: 87 };

const query = "query ($id: ID!) { hero(resourceId: $id) { meta { resourceId } data { name level } } }";

/** Requests for heroes of a size, in an order that the seed fixes. Each answer is compared whole. */
export function requestsFor(size: Size, seed: number): () => Request {
  const random = randomNumbers(seed);
  return () => {
    const id = heroId(size, Math.floor(random() * documents));
    const expected = JSON.stringify({ data: { hero: { meta: { resourceId: id }, data: profile } } });
    const verify = (body: string): void => {
      if (body.trim() !== expected) throw new Error(`${body.slice(0, 500)} instead of ${expected}`);
    };
    return { body: JSON.stringify({ query, variables: { id } }), verify };
  };
}
