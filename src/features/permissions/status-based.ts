/**
 * Rules by the status of a revision. The status is not in a resource's head, so no condition can tell it, and lists cannot be narrowed by it:
 * this checker reads the revision of the one resource that an operation names, as root.
 */
import type { RevisionStatus } from "../../model/revision.ts";
import type { PolicyRequest } from "../../resource/policy.ts";
import { type Checker, checkerOf, type Decision, type PermissionHost } from "./permission.ts";

export interface CheckersByStatus {
  readonly draft?: Checker | Decision;
  readonly stable?: Checker | Decision;
  /** Where the operation names no resource (lists, counts, streams, create), or none that there is, and of a status left out. */
  readonly otherwise: Checker | Decision;
}

/**
 * Asks by the status of the revision that the operation names, else of the current one: as it is when it is asked. What is written meanwhile may change
 * it; `modify` of a revision that has become stable is STABLE_REVISION_IMMUTABLE whoever may modify drafts.
 */
export function statusBased(checkers: CheckersByStatus): Checker {
  const parts = [checkers.draft ?? checkers.otherwise, checkers.stable ?? checkers.otherwise, checkers.otherwise];
  const bind = (host: PermissionHost) => {
    const [draft, stable, otherwise] = parts.map(checkerOf).map((part) => part.bind?.(host) ?? part);
    const byStatus = { draft, stable };
    const choose: Checker = async (request) => {
      const status = await statusOf(host, request);
      const chosen = status === undefined ? otherwise : byStatus[status];
      return chosen?.(request) ?? "notApplicable";
    };
    return choose;
  };
  const unbound: Checker = () => {
    throw new Error("statusBased() decides within a gateway only");
  };
  return Object.assign(unbound, { bind });
}

async function statusOf(
  host: PermissionHost,
  { resourceId, resourceName, input }: PolicyRequest,
): Promise<RevisionStatus | undefined> {
  if (resourceId === undefined) return undefined;
  const { meta } = await host.services();
  const [head] = await meta.heads([resourceId]);
  if (head === undefined || head.resourceName !== resourceName) return undefined;
  const named = typeof input.revisionId === "string" ? input.revisionId : head.currentRevisionId;
  const [revision] = await meta.revisions([named]);
  return revision?.resourceId === resourceId ? revision.status : undefined;
}
