/** A stream that its reader can leave at any time: what waits for an event ends at once, whether or not the source can. */

const ended: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * @param open called at once, so that no event is missed between here and the first `next()`; where it fails, that is told so
 * @param watch given a function that ends the stream with an error; returns what is called when the stream is over
 */
export function leavableStream<Value>(
  open: () => Promise<AsyncIterator<Value>>,
  watch: (fail: (error: Error) => void) => () => void,
): AsyncIterableIterator<Value> {
  let source: Promise<AsyncIterator<Value>> | undefined;
  let failure: Error | undefined;
  let isDone = false;
  let unwatch: (() => void) | undefined;
  const waiting = new Set<() => void>();

  const end = () => {
    if (isDone) return;
    isDone = true;
    unwatch?.();
    // What it says when it is left is nobody's business any more.
    source?.then((opened) => opened.return?.()).catch(() => {});
    for (const wake of waiting) wake();
    waiting.clear();
  };
  const fail = (error: Error) => {
    if (isDone) return;
    failure = error;
    end();
  };
  unwatch = watch(fail);
  if (isDone) unwatch();
  else source = open();
  // Told by `next()`.
  source?.catch(() => {});

  /** An error is told once. */
  const last = (): Promise<IteratorReturnResult<undefined>> => {
    const error = failure;
    failure = undefined;
    return error ? Promise.reject(error) : Promise.resolve(ended);
  };

  return {
    next() {
      if (isDone || source === undefined) return last();
      const opening = source;
      return new Promise((resolve, reject) => {
        const wake = () => resolve(last());
        waiting.add(wake);
        const settle = (act: () => void) => {
          if (!waiting.delete(wake)) return;
          act();
        };
        opening
          .then((opened) => opened.next())
          .then(
            (result) =>
              settle(() => {
                if (result.done) end();
                resolve(result.done ? ended : result);
              }),
            (error) =>
              settle(() => {
                end();
                reject(error);
              }),
          );
      });
    },
    async return() {
      failure = undefined;
      end();
      return ended;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
