/**
 * Records in a file, one behind the other, each found whole or not at all:
 *
 *     4 bytes   ff 77 66 72
 *     4 bytes   length of the content, little-endian as all numbers here
 *     4 bytes   CRC-32 of the content
 *     4 bytes   CRC-32 of the twelve bytes before
 *     content   JSON in UTF-8, in which there is no byte ff: nothing in it looks like a record
 *
 * A write that was cut off leaves bytes at the end that are no record, and no record behind them. Where one follows, or the file went on
 * once, bytes have been damaged.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { crc32 } from "node:zlib";

const magic = Buffer.from([0xff, 0x77, 0x66, 0x72]);
const headerBytes = 16;

export function recordOf(content: string): Buffer {
  const record = Buffer.allocUnsafe(headerBytes + Buffer.byteLength(content));
  record.write(content, headerBytes);
  const bytes = record.subarray(headerBytes);
  magic.copy(record);
  record.writeUInt32LE(bytes.length, 4);
  record.writeUInt32LE(crc32(bytes), 8);
  record.writeUInt32LE(crc32(record.subarray(0, 12)), 12);
  return record;
}

export interface FileEnd {
  /** In bytes: of the whole records from the beginning, and of all there is. */
  readonly end: number;
  readonly size: number;
  /** There is a record behind the end. */
  readonly goesOn: boolean;
}

/** Hands over the content of each record in turn, up to the first that is not whole. */
export function readRecords(path: string, take: (content: string) => void): FileEnd {
  const fd = openSync(path, "r");
  try {
    const { size } = fstatSync(fd);
    let end = 0;
    for (;;) {
      const content = readRecord(fd, end, size);
      if (content === undefined) break;
      take(content.toString());
      end += headerBytes + content.length;
    }
    return { end, size, goesOn: end < size && isRecordBehind(fd, end + 1, size) };
  } finally {
    closeSync(fd);
  }
}

function readRecord(fd: number, at: number, size: number): Buffer | undefined {
  const header = readAt(fd, at, headerBytes);
  if (header.length < headerBytes || !header.subarray(0, 4).equals(magic)) return undefined;
  if (crc32(header.subarray(0, 12)) !== header.readUInt32LE(12)) return undefined;
  const length = header.readUInt32LE(4);
  if (at + headerBytes + length > size) return undefined;
  const content = readAt(fd, at + headerBytes, length);
  return content.length === length && crc32(content) === header.readUInt32LE(8) ? content : undefined;
}

const windowBytes = 1024 * 1024;

function isRecordBehind(fd: number, from: number, size: number): boolean {
  for (let start = from; start < size; start += windowBytes) {
    // Three bytes more, for a beginning that lies across two windows.
    const window = readAt(fd, start, windowBytes + magic.length - 1);
    for (let i = window.indexOf(magic); i !== -1; i = window.indexOf(magic, i + 1)) {
      if (readRecord(fd, start + i, size) !== undefined) return true;
    }
  }
  return false;
}

function readAt(fd: number, at: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let read = 0;
  while (read < length) {
    const count = readSync(fd, bytes, read, length - read, at + read);
    if (count === 0) break;
    read += count;
  }
  return bytes.subarray(0, read);
}
