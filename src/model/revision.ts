import type { PayloadPointer } from "./resource-meta.ts";

/** `stable`: the content cannot change while it is stable. `draft`: `modify` edits it in place. */
export type RevisionStatus = "stable" | "draft";

/** One revision, as users see it (CONTRACT §2, `RevisionInfo`). */
export interface RevisionInfo {
  readonly revisionId: string;
  readonly parentRevisionId: string | null;
  readonly schemaVersion: string | null;
  readonly parentSchemaVersion: string | null;
  /** Hash of the stored content: `sha256:` and 64 hex digits. */
  readonly dataHash: string;
  readonly status: RevisionStatus;
  readonly createdTime: Date;
  /** Differs from `createdTime` only after an edit in place. */
  readonly updatedTime: Date;
  readonly createdBy: string;
  readonly updatedBy: string;
}

/** A revision: its row in the meta store. `payload.hash` is `dataHash`. */
export interface Revision extends RevisionInfo {
  readonly resourceId: string;
  readonly revisionNumber: number;
  readonly payload: PayloadPointer;
}
