/** JSON Pointer (RFC 6901): `/a/0/b`, with `~1` for `/` and `~0` for `~` in a token; `""` is the whole document. */

/** The tokens of a pointer; undefined where the text is none. */
export function parsePointer(pointer: string): string[] | undefined {
  if (pointer === "") return [];
  if (!pointer.startsWith("/") || /~(?![01])/.test(pointer)) return undefined;
  return pointer
    .slice(1)
    .split("/")
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The pointer to a member or an element of what `parent` points to. */
export function pointerTo(parent: string, key: string | number): string {
  return `${parent}/${typeof key === "number" ? key : key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}
