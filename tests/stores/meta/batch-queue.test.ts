import { expect, it } from "vitest";
import { batchQueue } from "../../../src/stores/meta/batch-queue.ts";

/** Answers each with its tenfold, a batch at a time, when it is let go on. */
function held() {
  const batches: number[][] = [];
  const waiting: (() => void)[] = [];
  const queue = batchQueue<number, number>(async (items) => {
    batches.push([...items]);
    await new Promise<void>((resolve) => waiting.push(resolve));
    if (items.includes(13)) throw new Error("unlucky");
    return items.map((item) => item * 10);
  });
  const release = async () => {
    for (let turn = 0; turn < 20 && waiting.length === 0; turn++) await undefined;
    waiting.shift()?.();
  };
  return { queue, batches, release };
}

it("takes what came in the same tick, and what came meanwhile, as one batch each, in order", async () => {
  const { queue, batches, release } = held();
  const first = [1, 2].map((item) => queue.add(item, 1));
  await release();
  expect(await Promise.all(first)).toEqual([10, 20]);
  const alone = queue.add(3, 1);
  await undefined;
  await undefined;
  const meanwhile = [4, 5].map((item) => queue.add(item, 1));
  await release();
  await release();
  expect(await Promise.all([alone, ...meanwhile])).toEqual([30, 40, 50]);
  expect(batches).toEqual([[1, 2], [3], [4, 5]]);
});

it("ends a batch at its weight; what is heavier goes alone", async () => {
  const { queue, batches, release } = held();
  const answers = [1, 2, 3, 4].map((item) => queue.add(item, item === 3 ? 1000 : 128));
  for (let n = 0; n < 3; n++) await release();
  expect(await Promise.all(answers)).toEqual([10, 20, 30, 40]);
  expect(batches).toEqual([[1, 2], [3], [4]]);
});

it("fails a batch and goes on with the next", async () => {
  const { queue, release } = held();
  const unlucky = queue.add(13, 1);
  const failed = expect(unlucky).rejects.toThrow("unlucky");
  await release();
  await failed;
  const next = queue.add(1, 1);
  await release();
  expect(await next).toBe(10);
});

it("runs what is to run between two batches there", async () => {
  const { queue, batches, release } = held();
  const first = queue.add(1, 1);
  const seen = queue.between(async () => batches.length);
  const second = queue.add(2, 1);
  await release();
  await first;
  expect(await seen).toBe(1);
  await release();
  await second;
});

it("finishes what it has when it closes, and refuses what comes later", async () => {
  const { queue, release } = held();
  const first = queue.add(1, 1);
  const closed = queue.close();
  await expect(queue.add(2, 1)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  await release();
  expect(await first).toBe(10);
  await closed;
});
