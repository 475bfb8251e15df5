/**
 * A stream whose values are made of another's, one at a time; it opens that one when it is first asked.
 *
 * Written out as an iterator because an async generator that waits cannot be returned until its next value comes: who
 * stopped reading would be kept until then.
 */
export function mappedStream<From, To>(
  open: () => Promise<AsyncIterator<From>>,
  map: (value: From) => Promise<To>,
): AsyncIterableIterator<To> {
  const ended: IteratorReturnResult<undefined> = { done: true, value: undefined };
  let source: Promise<AsyncIterator<From>> | undefined;
  let isDone = false;

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
      const result = await (await source).next();
      if (result.done) isDone = true;
      return isDone || result.done ? ended : { done: false, value: await map(result.value) };
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
