/** Which ranges of an object are asked for in one request. */
import type { ByteRange } from "../../payload-store.ts";

/** A request costs about as much time as this many bytes: ranges closer than that are read together, with what lies between. */
const maxGap = 64 * 1024;

/** Ranges that hold the given ones, which are not empty; sorted, apart from each other. */
export function planRequests(ranges: readonly ByteRange[]): ByteRange[] {
  const requests: { readonly start: number; end: number }[] = [];
  for (const { start, end } of ranges.toSorted((left, right) => left.start - right.start)) {
    const last = requests.at(-1);
    if (last && start - last.end <= maxGap) last.end = Math.max(last.end, end);
    else requests.push({ start, end });
  }
  return requests;
}

/** The bytes of a range out of those of the requests, which may be cut at the object's end. */
export function cutRange(
  { start, end }: ByteRange,
  requests: readonly ByteRange[],
  bytes: readonly Uint8Array[],
): Uint8Array {
  const index = requests.findIndex((request) => request.start <= start && end <= request.end);
  const request = requests[index];
  const part = bytes[index];
  if (!request || !part) return new Uint8Array();
  return part.subarray(start - request.start, Math.max(start, end) - request.start);
}
