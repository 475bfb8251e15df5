/** What is known of a part beyond that it answers: for `weft doctor`. */
export interface Finding {
  /** One word or two: "version", "durability", "clock". */
  readonly subject: string;
  /** "warning": it works, and promises less than one may think; "error": what it must promise, it does not. */
  readonly state: "ok" | "warning" | "error";
  /** What is so, and where that is not well, what to do about it. */
  readonly text: string;
}

/** A part that can say more of itself than that it answers. Reads only. */
export interface Examinable {
  /** @throws STORE_UNAVAILABLE */
  examine?(): Promise<readonly Finding[]>;
}

const toleratedMs = 2000;

/** Of a server whose clock stood at `serverTime` somewhere between `before` and `after` of ours, in epoch milliseconds. */
export function clockFinding(serverTime: number, before: number, after: number): Finding {
  const skewMs = serverTime < before ? before - serverTime : Math.max(0, serverTime - after);
  if (skewMs <= toleratedMs) return { subject: "clock", state: "ok", text: "agrees with ours" };
  return {
    subject: "clock",
    state: "warning",
    text: `differs from ours by ${(skewMs / 1000).toFixed(1)} s: let both machines take the time from NTP`,
  };
}
