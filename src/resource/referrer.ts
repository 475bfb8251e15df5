/** Who refers to a resource, by which field. */

import type { Relation } from "./relations.ts";
import type { Page, PageArguments, Snapshot } from "./resource.ts";

export interface ReferrerInput extends PageArguments {
  readonly resourceId: string;
  /** A resource name. */
  readonly resource?: string | null;
  /** A dotted path. */
  readonly field?: string | null;
}

export interface ReferrerEdge {
  readonly node: Snapshot;
  /** By which it was found. */
  readonly relation: Relation;
  readonly cursor: () => string;
}

export interface ReferrerPage extends Pick<Page<Snapshot>, "pageInfo"> {
  readonly edges: readonly ReferrerEdge[];
  /** How many there are in all, one that refers by several fields as often. Counted when called, not before. */
  totalCount(): Promise<number>;
}

/** As `ResourceManager.referrers` returns it. */
export interface Referrer {
  readonly resourceName: string;
  readonly resourceId: string;
  /** The dotted path of the field that refers. */
  readonly field: string;
  readonly onDelete: "dangling" | "setNull" | "cascade" | "restrict";
}
