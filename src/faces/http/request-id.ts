import { uuidv7 } from "../../base/ids.ts";

const sane = /^[A-Za-z0-9._~:/+=-]{1,128}$/;

/** The caller's id where it can stand in a header and a log line as it is, else a new one. */
export function requestIdFrom(header: string | string[] | null | undefined): string {
  return typeof header === "string" && sane.test(header) ? header : uuidv7();
}
