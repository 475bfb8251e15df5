/** Texts that only this gateway, and others with the same secret, can have made. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

export interface Signer {
  /** 43 characters of A-Z a-z 0-9 - _ (HMAC-SHA-256, base64url). */
  sign(text: string): string;
  isSigned(text: string, signature: string): boolean;
}

/** @param secret @default a random one, which ends with the process */
export function createSigner(secret: string | undefined): Signer {
  const key = secret ?? randomBytes(32);
  const sign = (text: string) => createHmac("sha256", key).update(text).digest("base64url");
  return {
    sign,
    isSigned(text, signature) {
      const expected = Buffer.from(sign(text));
      const given = Buffer.from(signature);
      return expected.length === given.length && timingSafeEqual(expected, given);
    },
  };
}
