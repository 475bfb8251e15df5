/**
 * Identifiers. `resourceId` = `<resource name>:<unique>`, `revisionId` = `<resourceId>:<n>` with n counted from 1.
 *
 * Unique parts are UUIDs of version 7 (RFC 9562 §5.7): ordered by time of creation, so that the default order of a list
 * is the order of creation and inserts land at the right edge of an index.
 */
import { randomFillSync } from "node:crypto";
import { invalid } from "./errors.ts";

export type IdGenerator = () => string;

const random = new Uint8Array(10 * 256);
let used = random.length;
let lastMs = 0;
let counter = 0;

/**
 * A new UUIDv7, lower case. Ids of one process are strictly ascending (RFC 9562 §6.2, method 1: a 12-bit counter in
 * rand_a that starts at a random value each millisecond and borrows the next millisecond when it runs over).
 */
export function uuidv7(): string {
  if (used >= random.length) {
    randomFillSync(random);
    used = 0;
  }
  const bytes = random.subarray(used, used + 10);
  used += 10;
  const now = Date.now();
  if (now > lastMs) {
    lastMs = now;
    counter = (((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0)) & 0x7ff;
  } else if (++counter > 0xfff) {
    lastMs += 1;
    counter = 0;
  }
  const time = lastMs.toString(16).padStart(12, "0");
  const a = (0x7000 | counter).toString(16);
  const b = Buffer.from(bytes.buffer, bytes.byteOffset + 2, 8);
  b[0] = ((b[0] ?? 0) & 0x3f) | 0x80;
  const tail = b.toString("hex");
  return `${time.slice(0, 8)}-${time.slice(8)}-${a}-${tail.slice(0, 4)}-${tail.slice(4)}`;
}

const uniquePart = /^[A-Za-z0-9._~-]{1,128}$/;
const idAlphabet = /^[A-Za-z0-9._~:-]{1,256}$/;

/**
 * Checks an id that a caller chose for a new resource.
 * @throws VALIDATION_FAILED unless it is `<resource name>:[A-Za-z0-9._~-]{1,128}`
 */
export function checkNewResourceId(resourceName: string, resourceId: string): string {
  const prefix = `${resourceName}:`;
  if (resourceId.startsWith(prefix) && uniquePart.test(resourceId.slice(prefix.length))) return resourceId;
  throw invalid(["resourceId"], `Must be "${prefix}" followed by 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -`);
}

/**
 * Checks an id by which a resource is looked up. An id of another resource or of no known form is simply not found;
 * one that no resource can ever have is refused before it reaches a store (a NUL byte is an error to PostgreSQL).
 * @throws VALIDATION_FAILED
 */
export function checkResourceId(resourceId: string): string {
  if (idAlphabet.test(resourceId)) return resourceId;
  throw invalid(["resourceId"], "Not a resource id: 1 to 256 of the characters A-Z a-z 0-9 . _ ~ : - are allowed");
}

export function revisionIdOf(resourceId: string, revisionNumber: number): string {
  return `${resourceId}:${revisionNumber}`;
}

/** The number in a revision id of this resource; undefined where it is none. */
export function revisionNumberOf(resourceId: string, revisionId: string): number | undefined {
  if (!revisionId.startsWith(`${resourceId}:`)) return undefined;
  const digits = revisionId.slice(resourceId.length + 1);
  return /^[1-9][0-9]{0,8}$/.test(digits) ? Number(digits) : undefined;
}
