/** Small numbers in few bytes: seven bits a byte, the lowest first, the high bit set on all but the last (LEB128). */

export interface VarintWriter {
  /** An integer from 0 to 2^53 - 1. */
  number(value: number): void;
  /** 32 bits. */
  word(value: number): void;
  text(value: string): void;
  base64(): string;
}

export function createVarintWriter(): VarintWriter {
  const bytes: number[] = [];
  const number = (value: number) => {
    let rest = value;
    while (rest >= 0x80) {
      bytes.push((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    bytes.push(rest);
  };
  return {
    number,
    word: (value) => void bytes.push(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff),
    text(value) {
      const encoded = Buffer.from(value);
      number(encoded.length);
      bytes.push(...encoded);
    },
    base64: () => Buffer.from(bytes).toString("base64"),
  };
}

/** Reads anything without a throw: what is not there reads as 0 or "", and is remembered. */
export interface VarintReader {
  number(): number;
  word(): number;
  text(): string;
  isAtEnd(): boolean;
  /** Was something read that is not there, or a number too large? */
  isBroken(): boolean;
}

export function createVarintReader(base64: string): VarintReader {
  const bytes = Buffer.from(base64, "base64");
  let at = 0;
  let isBroken = false;
  const broken = () => {
    isBroken = true;
    at = bytes.length;
  };
  const number = () => {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 49; factor *= 0x80) {
      const byte = bytes[at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    broken();
    return 0;
  };
  return {
    number,
    word() {
      if (at + 4 > bytes.length) {
        broken();
        return 0;
      }
      at += 4;
      return bytes.readUInt32BE(at - 4);
    },
    text() {
      const length = number();
      if (length > bytes.length - at) {
        broken();
        return "";
      }
      at += length;
      return bytes.toString("utf8", at - length, at);
    },
    isAtEnd: () => at >= bytes.length,
    isBroken: () => isBroken,
  };
}
