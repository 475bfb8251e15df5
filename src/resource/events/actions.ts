import { resourceActions } from "../../model/change.ts";
import type { Action } from "../operation.ts";

export const readingActions = ["getOne", "getMany", "getRevision", "listRevisions", "subscribe"] as const;

export const allActions: readonly Action[] = [...resourceActions, ...readingActions];
