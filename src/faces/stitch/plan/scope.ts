/** What planning goes by: the document, the composition, and how what lies below an object is planned. */
import type { SelectionSetNode } from "graphql";
import type { Composition, MergedType } from "../compose/composition.ts";
import type { Service } from "../service/service.ts";
import type { DocumentScope } from "./collect.ts";
import type { SelectionPlan } from "./plan.ts";

export interface PlanScope extends DocumentScope {
  readonly composition: Composition;
  readonly planBelow: (parts: SelectionParts, scope: PlanScope) => SelectionPlan;
}

export interface SelectionParts {
  readonly service: Service;
  readonly type: MergedType;
  readonly sets: readonly SelectionSetNode[];
}
