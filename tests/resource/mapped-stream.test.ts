import { describe, expect, it } from "vitest";
import { z } from "zod";
import { mappedStream } from "../../src/resource/mapped-stream.ts";
import { openModel } from "./open-model.ts";

describe("changes() of a manager", () => {
  it("lets go of a reader that returns while it waits, at once", async () => {
    const { manager } = openModel("Item", z.object({ level: z.number() }));
    const reader = manager.changes({ after: "0" })[Symbol.asyncIterator]();
    const first = reader.next();
    const { meta } = await manager.create({ level: 1 });
    expect((await first).value).toMatchObject({ cursor: "1", resourceId: meta.resourceId });
    const waiting = reader.next();
    await reader.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await reader.next()).toEqual({ done: true, value: undefined });
  });

  it("tells what is wrong with a cursor, once", async () => {
    const { manager } = openModel("Item", z.object({ level: z.number() }));
    const reader = manager.changes({ after: "x" })[Symbol.asyncIterator]();
    await expect(reader.next()).rejects.toMatchObject({ code: "CURSOR_INVALID" });
    expect(await reader.next()).toEqual({ done: true, value: undefined });
  });
});

describe("a mapped stream", () => {
  /** Counts, and says when it was returned. */
  function counting(end = Number.POSITIVE_INFINITY) {
    let count = 0;
    const source = {
      isReturned: false,
      next: async () => (count < end ? { done: false, value: count++ } : { done: true, value: undefined }),
      async return() {
        source.isReturned = true;
        return { done: true, value: undefined };
      },
    };
    return source as typeof source & AsyncIterator<number>;
  }

  it("keeps the order of values that are asked for at once, and ends with its source", async () => {
    const stream = mappedStream(
      async () => counting(3),
      async (value) => `${value}`,
    );
    const asked = await Promise.all(Array.from({ length: 5 }, () => stream.next()));
    expect(asked.map(({ value }) => value)).toEqual(["0", "1", "2", undefined, undefined]);
  });

  it("returns its source where a value cannot be mapped, and is done", async () => {
    const source = counting();
    const stream = mappedStream(
      async () => source,
      async () => {
        throw new Error("unreadable");
      },
    );
    await expect(stream.next()).rejects.toThrow("unreadable");
    expect(source.isReturned).toBe(true);
    expect((await stream.next()).done).toBe(true);
  });

  it("opens nothing for a reader that returns before it asks, and returns what it is about to open", async () => {
    const source = counting();
    let opened = 0;
    const open = async () => {
      opened += 1;
      return source;
    };
    const unread = mappedStream(open, async (value) => value);
    await unread.return?.();
    expect([(await unread.next()).done, opened]).toEqual([true, 0]);
    const stream = mappedStream(open, async (value) => value);
    const first = stream.next();
    await Promise.resolve();
    await stream.return?.();
    expect((await first).done).toBe(true);
    expect(source.isReturned).toBe(true);
  });
});
