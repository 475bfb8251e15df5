/** Whether a journal and the store behind it are of one history: looked up when they are opened, and when the journal is not the one that it was. */
import { ConfigurationError, WeftError } from "../../../base/errors.ts";
import type { Journal, JournalState } from "../journal.ts";
import type { MetaStore } from "../meta-store.ts";

/** How often it is looked again, where other processes write meanwhile. */
const maxAttempts = 5;

/**
 * Begins a journal where there is none. One in which nothing is pending begins anew where the slower store went on without it.
 * @throws ConfigurationError where the two do not fit
 */
export async function align(journal: Journal, slow: MetaStore): Promise<JournalState> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const before = await journal.state();
    const seq = await slow.lastSeq();
    if (before === undefined) {
      await journal.start(seq);
      continue;
    }
    if (seq < before.moved)
      throw new ConfigurationError(
        `The fast meta store stands before another store than this one: it has brought ${before.moved} changes there, and here are ${seq}. ` +
          "Give it the store that it had, or a namespace of its own.",
      );
    const state = await journal.state();
    if (state?.epoch !== before.epoch) continue;
    if (seq <= state.last) return state;
    if (state.moved < state.last)
      throw new ConfigurationError(
        `The meta store was written to without its fast store, in which ${state.last - state.moved} acknowledged changes are waiting (from seq ${state.moved + 1}). ` +
          "Nothing can be put in order between the two: restore the meta store to that seq, or empty the fast store and lose them.",
      );
    await journal.start(seq, state.epoch);
  }
  throw new WeftError("STORE_UNAVAILABLE", { hint: "The fast meta store is being changed without pause." });
}
