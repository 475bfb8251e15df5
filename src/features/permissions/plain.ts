import type { Checker } from "./permission.ts";

/** Everybody may do everything. */
export function allowAll(): Checker {
  return () => "allow";
}

/** Nobody may do anything but admins, and calls made as root. */
export function rootOnly(): Checker {
  return () => "deny";
}
