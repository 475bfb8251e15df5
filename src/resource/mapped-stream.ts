/**
 * A stream whose values are made of another's, one at a time; it opens that one when it is first asked, where it is given as a function. What is made into undefined is left out.
 *
 * Written out as an iterator because an async generator that waits cannot be returned until its next value comes: who
 * stopped reading would be kept until then.
 */
export function mappedStream<From, To>(
  from: AsyncIterator<From> | (() => Promise<AsyncIterator<From>>),
  map: (value: From) => Promise<To | undefined>,
): AsyncIterableIterator<To> {
  const ended: IteratorReturnResult<undefined> = { done: true, value: undefined };
  let source = typeof from === "function" ? undefined : Promise.resolve(from);
  let isDone = false;

  const open = () => (typeof from === "function" ? from() : Promise.resolve(from));

  const end = async () => {
    isDone = true;
    // What could not be opened needs no end, and its reader has been told.
    const opened = await source?.catch(() => undefined);
    await opened?.return?.();
  };

  async function advance(): Promise<IteratorResult<To>> {
    if (isDone) return ended;
    try {
      source ??= open();
      const opened = await source;
      for (;;) {
        const result = await opened.next();
        if (result.done) isDone = true;
        if (isDone || result.done) return ended;
        const value = await map(result.value);
        if (value !== undefined) return { done: false, value };
      }
    } catch (error) {
      await end();
      throw error;
    }
  }

  let queue: Promise<unknown> = Promise.resolve();
  return {
    next() {
      const result = queue.then(advance);
      queue = result.catch(() => undefined);
      return result;
    },
    async return() {
      await end();
      return ended;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
