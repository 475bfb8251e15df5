/** Fields of an input that services share: those that all of them take, as strict as the strictest. */
import { type GraphQLInputFieldConfig, type GraphQLInputType, isInputObjectType } from "graphql";
import { ConfigurationError } from "../../../base/errors.ts";
import type { TypeSource } from "./compose.ts";
import type { Part } from "./parts.ts";
import { shapeOf, stricter, typeText } from "./type-text.ts";

/** @throws ConfigurationError where one requires what another does not take, or where the gateway's own differs */
export function inputFields(owners: readonly Part[], { typed }: TypeSource): Record<string, GraphQLInputFieldConfig> {
  const configs = owners.map(({ type }) => (isInputObjectType(type) ? type.toConfig().fields : {}));
  const name = owners[0]?.named(owners[0].type.name) ?? "";
  const fields: Record<string, GraphQLInputFieldConfig> = {};
  for (const [field, config] of Object.entries(configs[0] ?? {})) {
    const all = configs.map((one) => one[field]);
    if (all.some((one) => one === undefined)) continue;
    const texts = owners.map((owner, at) => typeText((all[at] ?? config).type, owner.named));
    if (new Set(texts.map(shapeOf)).size > 1) throw new ConfigurationError(differs(`${name}.${field}`, owners));
    fields[field] = { ...config, type: typed(texts.reduce(stricter)) as GraphQLInputType };
  }
  configs.forEach((config, at) => {
    for (const [field, { type, defaultValue }] of Object.entries(config)) {
      const isLost = !(field in fields);
      const isOwn = owners[at]?.of === undefined || owners[0]?.of === undefined;
      if (isLost && (isOwn || (`${type}`.endsWith("!") && defaultValue === undefined)))
        throw new ConfigurationError(differs(`${name}.${field}`, owners));
    }
  });
  return fields;
}

function differs(name: string, owners: readonly Part[]): string {
  const who = owners.map(({ owner }) => owner).join(" and ");
  return `The input ${name} is not the same in ${who}. Give one of them transforms (prefix, rename).`;
}
