import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createPresences, type Ending } from "../../../../src/faces/graphql/transport/presences.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const day = 86_400_000;

function start() {
  const presences = createPresences();
  const ended: [name: string, why: Ending][] = [];
  const enter = (name: string, seconds = Number.POSITIVE_INFINITY, actor: string | null = name) =>
    presences.add({
      identity: { actor, expiresAt: Date.now() + seconds * 1000, askedAt: performance.now() },
      end: (why) => void ended.push([name, why]),
    });
  return { presences, ended, enter };
}

describe("those who are connected", () => {
  it("are ended when their time is over, within a quarter of a second, each once, by one timer", () => {
    const { ended, enter } = start();
    for (let i = 0; i < 1000; i++) enter(`user-${i}`, 10 + i / 1000);
    enter("endless");
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(9999);
    expect(ended).toEqual([]);
    vi.advanceTimersByTime(1500);
    expect(ended).toHaveLength(1000);
    vi.advanceTimersByTime(day);
    expect(ended).toHaveLength(1000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("may end sooner than those that came first, and later than timers can wait", () => {
    const { ended, enter } = start();
    enter("late", (100 * day) / 1000);
    enter("soon", 1);
    vi.advanceTimersByTime(1250);
    expect(ended).toEqual([["soon", "expired"]]);
    vi.advanceTimersByTime(99 * day);
    expect(ended).toHaveLength(1);
    vi.advanceTimersByTime(day);
    expect(ended).toEqual([
      ["soon", "expired"],
      ["late", "expired"],
    ]);
  });

  it("are not ended once they have left, nor by an end that they had before", () => {
    const { ended, enter } = start();
    const leave = enter("ann", 1);
    leave();
    leave();
    enter("ann", 5);
    vi.advanceTimersByTime(2000);
    expect(ended).toEqual([]);
    vi.advanceTimersByTime(5000);
    expect(ended).toEqual([["ann", "expired"]]);
  });

  it("are ended by their user's id, all of them and once, and nobody else", () => {
    const { presences, ended, enter } = start();
    enter("one", 60, "ann");
    enter("other", 60, "ann");
    enter("bob");
    enter("nobody", 60, null);
    expect([presences.disconnect("ann"), presences.disconnect("ann"), presences.disconnect("")]).toEqual([2, 0, 0]);
    expect(ended).toEqual([
      ["one", "disconnected"],
      ["other", "disconnected"],
    ]);
  });

  it("are ended at once where it was asked who they are before they were disconnected", () => {
    const { presences, ended, enter } = start();
    const askedAt = performance.now();
    vi.advanceTimersByTime(1);
    presences.disconnect("ann");
    const end = (why: Ending) => void ended.push(["late", why]);
    presences.add({ identity: { actor: "ann", expiresAt: Number.POSITIVE_INFINITY, askedAt }, end });
    expect(ended).toEqual([["late", "disconnected"]]);
    vi.advanceTimersByTime(1);
    enter("ann");
    expect(ended).toHaveLength(1);
    expect(presences.disconnect("ann")).toBe(1);
  });

  it("leave no timer behind", () => {
    const { presences, enter } = start();
    enter("ann", 60);
    presences.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
