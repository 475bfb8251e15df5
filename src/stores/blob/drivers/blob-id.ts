/** 64 lower-case hex digits: nothing else becomes a part of a path. */
export function isBlobId(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}
