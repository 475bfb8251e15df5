/** What was used last, within a number of bytes. */
export interface ByteLru<Value> {
  get(key: string): Value | undefined;
  /** One that is larger than all there may be is not kept. */
  set(key: string, value: Value, bytes: number): void;
  delete(key: string): void;
  clear(): void;
  readonly bytes: number;
}

/** What an entry takes besides. */
const overheadBytes = 200;

/** @param onDrop called with what goes, however it goes */
export function createByteLru<Value>(
  maxBytes: number,
  onDrop: (key: string, value: Value) => void = () => {},
): ByteLru<Value> {
  const entries = new Map<string, { readonly value: Value; readonly bytes: number }>();
  let total = 0;
  const drop = (key: string) => {
    const entry = entries.get(key);
    if (entry === undefined) return;
    entries.delete(key);
    total -= entry.bytes;
    onDrop(key, entry.value);
  };
  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    set(key, value, valueBytes) {
      drop(key);
      const bytes = valueBytes + 2 * key.length + overheadBytes;
      if (bytes > maxBytes) return;
      entries.set(key, { value, bytes });
      total += bytes;
      for (const oldest of entries.keys()) {
        if (total <= maxBytes) break;
        drop(oldest);
      }
    },
    delete: drop,
    clear() {
      for (const key of [...entries.keys()]) drop(key);
    },
    get bytes() {
      return total;
    },
  };
}
