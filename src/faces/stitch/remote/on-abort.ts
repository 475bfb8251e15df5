/**
 * One listener on a signal, whoever waits for it: an operation asks a hundred things with one signal, for which Node warns of a leak from
 * the eleventh listener on and looks through all of them at each new one. It is taken off with the last, because a signal made by
 * `AbortSignal.any` lives for as long as it has one.
 */
interface Watch {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

const watches = new WeakMap<AbortSignal, Watch>();

/** @returns what takes it back */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const watch = watches.get(signal) ?? begin(signal);
  watch.callbacks.add(callback);
  return () => {
    if (!watch.callbacks.delete(callback) || watch.callbacks.size > 0) return;
    signal.removeEventListener("abort", watch.listener);
    if (watches.get(signal) === watch) watches.delete(signal);
  };
}

function begin(signal: AbortSignal): Watch {
  const callbacks = new Set<() => void>();
  const listener = () => {
    watches.delete(signal);
    for (const callback of callbacks) callback();
  };
  const watch = { callbacks, listener };
  watches.set(signal, watch);
  signal.addEventListener("abort", listener, { once: true });
  return watch;
}
