/**
 * Reads that run, shared by all who ask for the same at the same time, and forgotten when what they read is changed: who asks later reads
 * anew, and what a forgotten read brings is not kept.
 */
export interface ReadsUnderWay {
  /**
   * @param what of the payload of this name
   * @param keep called with the answer, unless the read was forgotten meanwhile
   */
  share<T>(
    place: { readonly name: string; readonly what: string },
    read: () => Promise<T>,
    keep?: (answer: T) => void,
  ): Promise<T>;
  forget(name: string): void;
  forgetAll(): void;
}

export function readsUnderWay(): ReadsUnderWay {
  const groups = new Map<string, Map<string, Promise<unknown>>>();

  return {
    share<T>(
      { name, what }: { readonly name: string; readonly what: string },
      read: () => Promise<T>,
      keep?: (answer: T) => void,
    ): Promise<T> {
      const group = groups.get(name) ?? new Map<string, Promise<unknown>>();
      groups.set(name, group);
      const running = group.get(what);
      // What runs under one name and place was started by the same call of ours, so it answers the same type.
      if (running) return running as Promise<T>;
      const started = read()
        .then((answer) => {
          if (groups.get(name) === group) keep?.(answer);
          return answer;
        })
        .finally(() => {
          group.delete(what);
          if (group.size === 0 && groups.get(name) === group) groups.delete(name);
        });
      group.set(what, started);
      return started;
    },
    forget: (name) => groups.delete(name),
    forgetAll: () => groups.clear(),
  };
}
