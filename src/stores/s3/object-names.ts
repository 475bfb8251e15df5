/**
 * Texts as names of objects. What S3's documentation calls safe stays readable; anything else, `~` among it, becomes `!` and two
 * hex digits a byte of UTF-8 (`%` itself is on the list of characters to avoid, `!` is not, and no key holds one). The segments `.` and `..`, which
 * tools and URLs resolve, are written so whole. A key too long for S3 is named by its SHA-256.
 *
 *     hero/hero:1/2/w~1     hero/hero:1/2/w!7E1
 *     hero/../1/w           hero/!2E!2E/1/w
 *     (1,024 bytes)         !long/3f5a…
 *
 * Keys that differ in case only are different objects: do not copy a bucket to a disk that folds case.
 */
import { hash } from "node:crypto";

/** S3 takes 1,024 bytes; the prefix of the store has at most 256 of them. */
const maxLength = 700;

export function objectNameOf(key: string): string {
  const name = key.split("/").map(segmentOf).join("/");
  return name.length <= maxLength ? name : `!long/${hash("sha256", key, "hex")}`;
}

/** One segment, a slash in it made safe too; the other way is `textOfSegment`. */
export function segmentOf(segment: string): string {
  if (segment === "") return "!";
  if (/^\.+$/.test(segment)) return segment.replaceAll(".", "!2E");
  return segment.replace(/[^A-Za-z0-9._:-]+/g, (strange) =>
    [...Buffer.from(strange)].map((byte) => `!${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(""),
  );
}

/** What `segmentOf` was given; undefined where it gives no such thing. */
export function textOfSegment(segment: string): string | undefined {
  if (segment === "!") return "";
  const bytes: number[] = [];
  for (const [, code, plain] of segment.matchAll(/!([0-9A-F]{2})|([A-Za-z0-9._:-])|./gsu)) {
    if (code === undefined && plain === undefined) return undefined;
    bytes.push(code === undefined ? (plain ?? "").charCodeAt(0) : Number.parseInt(code, 16));
  }
  return Buffer.from(bytes).toString();
}
