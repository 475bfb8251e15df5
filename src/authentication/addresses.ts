/** Addresses of callers and proxies. What connects is asked first, and `X-Forwarded-For` believed only where a proxy has said it that is known. */
import { BlockList, isIP } from "node:net";
import { ConfigurationError } from "../base/errors.ts";

export type AddressList = (address: string | undefined) => boolean;

/**
 * @param from IP addresses, or networks as `10.0.0.0/8`
 * @param option its name, for the error
 * @throws ConfigurationError for what is neither
 */
export function addressList(from: readonly string[], option: string): AddressList {
  const list = new BlockList();
  for (const text of from) {
    const [address = "", bits, ...rest] = text.split("/");
    const family = isIP(address);
    const max = family === 4 ? 32 : 128;
    const prefix = bits === undefined ? max : /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
    if (family === 0 || prefix < 0 || prefix > max || rest.length > 0)
      throw new ConfigurationError(`${option}: ${JSON.stringify(text)} is neither an IP address nor a network.`);
    list.addSubnet(address, prefix, family === 4 ? "ipv4" : "ipv6");
  }
  return (address) => {
    const plain = plainAddress(address);
    return plain !== undefined && list.check(plain, isIP(plain) === 4 ? "ipv4" : "ipv6");
  };
}

/** Whose address it is: that of what connects, or where that is a known proxy, the last in `X-Forwarded-For` that is none. */
export function clientAddress(
  { remoteAddress, forwardedFor }: { readonly remoteAddress: string | undefined; readonly forwardedFor: string | null },
  isProxy: AddressList,
): string | undefined {
  let client = plainAddress(remoteAddress);
  for (const text of (forwardedFor ?? "").split(",").reverse()) {
    if (!isProxy(client)) return client;
    const next = plainAddress(text.trim());
    // What is no address was not written by a proxy of ours.
    if (next === undefined) return client;
    client = next;
  }
  return client;
}

/** A socket that serves both families writes IPv4 as IPv6. */
function plainAddress(address: string | undefined): string | undefined {
  const plain = address?.replace(/^::ffff:(?=\d+\.)/i, "");
  return plain !== undefined && isIP(plain) !== 0 ? plain : undefined;
}
