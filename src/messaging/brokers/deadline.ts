/** What every call to a broker has: an end in time, and one code for whatever went wrong. */
import { WeftError } from "../../base/errors.ts";

/** How long a broker may take to answer, in milliseconds. Longer than two slow network turns, shorter than a client's patience. */
export const answerMs = 5000;

/**
 * What `work` resolves with. Whatever it rejects with, and silence, becomes STORE_UNAVAILABLE; it may have been done all the same.
 * @param onSilence called where time ran out
 */
export async function within<T>(ms: number, work: Promise<T>, onSilence?: () => void): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${ms} ms`));
      onSilence?.();
    }, ms);
  });
  try {
    return await Promise.race([work, silence]);
  } catch (error) {
    throw error instanceof WeftError ? error : new WeftError("STORE_UNAVAILABLE", {}, error);
  } finally {
    clearTimeout(timer);
  }
}

const firstMs = 100;
const longestMs = 5000;

/** How long to wait before the connection is tried again: doubled each time, and drawn from its upper half, so that many nodes do not come at once. @param attempt from 1 on */
export function backoffMs(attempt: number): number {
  return Math.min(longestMs, firstMs * 2 ** Math.min(attempt - 1, 10)) * (0.5 + Math.random() / 2);
}
