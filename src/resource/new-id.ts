import { checkNewResourceId } from "../base/ids.ts";
import type { Model } from "./registry.ts";

/** The id of a resource that is about to be. The model's generator may give the unique part alone, or the whole id. @throws VALIDATION_FAILED for what it gives amiss */
export function newResourceId({ definition: { resourceName }, settings }: Model): string {
  const id = settings.idGenerator();
  return checkNewResourceId(resourceName, id.startsWith(`${resourceName}:`) ? id : `${resourceName}:${id}`);
}
