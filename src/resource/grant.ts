/** A grant: what the policies of an operation leave of it. Where nothing is said, everything is granted. */
import type { Condition } from "../query/condition.ts";
import type { HiddenFields } from "./hidden-fields.ts";

export interface Grant {
  /** Holds of every resource that the operation shows or changes. */
  readonly condition?: Condition | undefined;
  /** Of what is shown, filtered by and sorted by. */
  readonly hidden?: HiddenFields | undefined;
  /** Of what is written. */
  readonly unwritable?: HiddenFields | undefined;
}

export const everything: Grant = {};
