/** The resources that refer to one by a field: an operation of the model that they belong to, made for each relation. */
import { hiddenField } from "../granted.ts";
import { holdsHidden } from "../hidden-fields.ts";
import type { Operation } from "../operation.ts";
import type { Relation } from "../relations.ts";
import { type PageInput, page, pageFrom, type ResourcePage } from "./page.ts";

export interface ReferringInput extends PageInput {
  /** Of what they refer to. */
  readonly resourceId: string;
}

export interface Referring extends Pick<Relation, "name" | "other" | "field"> {
  readonly reference: Pick<Relation["reference"], "path">;
}

/** To be executed as one of `relation.other`. */
export function referring({
  name,
  other,
  reference,
  field: by,
}: Referring): Operation<ReferringInput, Promise<ResourcePage>> {
  const { modelName } = other.definition;
  return {
    name,
    kind: "read",
    action: "getMany",
    place: "resource",
    description: `Of ${modelName}: those that refer to it by ${reference.path}, page by page.`,
    input: { ...page.input, resourceId: { kind: "resourceId", isRequired: true } },
    output: "resourcePage",
    async run(context, input) {
      const { grant, session } = context;
      if (grant?.hidden && holdsHidden(grant.hidden, by.path.split("."))) throw hiddenField(by.path);
      const { resourceId } = input;
      return pageFrom(
        {
          search: (query) => session.reader.referringPage(resourceId, { ...query, by }),
          count: (query) => session.reader.referringCount(resourceId, { ...query, by }),
        },
        context,
        input,
      );
    },
  };
}
