import { ConfigurationError } from "../../base/errors.ts";
import type { Registry } from "../../resource/registry.ts";

/** @throws ConfigurationError where a reference leads to no model of the gateway */
export function checkReferences({ models }: Registry): void {
  const names = models.map(({ definition }) => definition.modelName);
  const lost = models.flatMap(({ definition: { modelName, references } }) =>
    references
      .filter(({ target }) => !names.includes(target))
      .map(({ path, target }) => `- ${modelName}.${path} refers to ${target}`),
  );
  if (lost.length > 0)
    throw new ConfigurationError(`There are no such models:\n${lost.join("\n")}\nKnown are ${names.join(", ")}.`);
}
