/** The watch behind what is kept: it tells changes, tells when it hears no more, and then begins anew. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { WeftError } from "../../../src/base/errors.ts";
import { createWatch } from "../../../src/features/permissions/rules/watch.ts";
import type { Operation } from "../../../src/resource/operation.ts";
import { openModel } from "../../resource/open-model.ts";

/** A model whose stream of changes is in the test's hands. */
function driven() {
  const { model, services } = openModel("Rule", z.object({ name: z.string() }));
  const state = { opened: 0, isAway: false };
  let settle: { resolve: (value: IteratorResult<unknown>) => void; reject: (error: unknown) => void } | undefined;
  const stream: AsyncIterableIterator<unknown> = {
    next: () => new Promise((resolve, reject) => (settle = { resolve, reject })),
    return: async () => ({ done: true, value: undefined }),
    [Symbol.asyncIterator]: () => stream,
  };
  const changes = {
    ...(model.operations.get("changes") as Operation),
    async run() {
      if (state.isAway) throw new WeftError("STORE_UNAVAILABLE");
      state.opened++;
      return stream;
    },
  };
  const told: string[] = [];
  const watch = createWatch({
    services: async () => services,
    models: [{ ...model, operations: new Map([["changes", changes]]) }],
    onChange: () => told.push("change"),
  });
  return {
    ...{ watch, state, told },
    change: () => settle?.resolve({ done: false, value: {} }),
    fail: () => settle?.reject(new WeftError("STORE_UNAVAILABLE")),
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("the watch", () => {
  it("follows the log once, however many ask, and tells changes", async () => {
    const { watch, state, told, change } = driven();
    await Promise.all([watch.follow(), watch.follow()]);
    await watch.follow();
    expect([state.opened, told]).toEqual([1, []]);
    change();
    await settled();
    expect(told).toEqual(["change"]);
  });

  it("tells that it hears no more, and follows anew for whoever asks next", async () => {
    const { watch, state, told, fail } = driven();
    await watch.follow();
    state.isAway = true;
    fail();
    await settled();
    expect(told).toEqual(["change"]);
    await expect(watch.follow()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    state.isAway = false;
    await watch.follow();
    expect(state.opened).toBe(2);
  });
});
