/** What the walk fills in: ids of every kind of resource, values that are in the worlds and values that are not. */
import { isScalarType } from "graphql";
import type { Values } from "./walk.ts";
import type { World } from "./world.ts";

const fieldPaths = [
  "name",
  "owner",
  "budget",
  "motto",
  "hp",
  "lair.trap",
  "lair.place",
  "zoneId",
  "friendIds",
  "text",
  "source",
  "tags",
  "about",
];

/** @param world any: their ids are the same */
export function valuesOf({ ids }: World): Values {
  const all = Object.values(ids).flat();
  const idsFor = (owner: string) => {
    const model = (["Zone", "Monster", "Rumour"] as const).find((name) =>
      owner.toLowerCase().includes(name.toLowerCase()),
    );
    return model ? ids[model] : all.filter((_, i) => i % 3 === 0);
  };
  return (type, { name, owner }) => {
    if (!isScalarType(type)) return specialValues(type.name);
    const quoted = (texts: readonly string[]) => texts.map((text) => JSON.stringify(text));
    switch (type.name) {
      case "ID":
        if (name === "id" || name === "ids") return quoted(all.map((id) => globalIdOf(id)));
        if (/revisionId|^from$|^to$/.test(name)) return quoted(idsFor(owner).flatMap((id) => [`${id}:1`, `${id}:2`]));
        return quoted(idsFor(owner));
      case "String":
        return quoted(textsFor(name, owner));
      case "Int":
        return /^(limit|first|last|offset)$/.test(name) ? ["1", "50"] : ["40", "500"];
      case "Float":
        return ["0.5"];
      case "Boolean":
        return ["true", "false"];
      case "BigInt":
        return ['"12"'];
      case "DateTime":
        return ['"2026-11-21T12:00:00Z"'];
      case "Date":
        return ['"2026-11-21"'];
      case "JSON":
        return ['"cave"', "40", '["cave", "x"]', "true"];
      case "JSONPatch":
        return patches;
      default:
        return [];
    }
  };
}

function textsFor(name: string, owner: string): readonly string[] {
  if (name === "qb")
    return fieldPaths
      .map((path) => `QB['${path}'] >= 'm'`)
      .concat(
        fieldPaths.map((path) => `QB['${path}'].sort()`),
        "QB['hp'] > 100",
      );
  if (name === "paths") return ["name", "hp", "lair", "lair/trap", "drops/-/rate", "budget", "source", "motto", "file"];
  if (name === "slice") return ["0:1", "-1"];
  if (name === "after" && owner.startsWith("Subscription")) return ["0"];
  if (name === "after" || name === "before") return [Buffer.from("r2").toString("base64url")];
  if (name === "fieldPath" || name === "field") return fieldPaths;
  if (name === "resourceNames") return ["zone", "monster", "rumour", "filler"];
  if (name === "resource" || name === "resourceName") return ["zone", "monster", "rumour"];
  if (name === "ifMatch") return ["stale"];
  if (/createdBys|updatedBys/.test(name)) return ["root"];
  if (name === "owner") return ["all", "ghost"];
  if (name === "sha256") return ["0".repeat(64)];
  if (name === "contentType") return ["text/plain"];
  if (name === "regex") return ["[a-m]", "aa"];
  return ["cave", "motto-aa0", "m"];
}

const patches = [
  ...["/name", "/text", "/hp", "/budget", "/source", "/lair/trap", "/lair", "", "/motto", "/zoneId"].flatMap((path) => [
    `[{ op: "test", path: "${path}", value: 40 }]`,
    `[{ op: "replace", path: "${path}", value: "x" }]`,
    `[{ op: "remove", path: "${path}" }]`,
  ]),
  '[{ op: "copy", from: "/hp", path: "/name" }]',
  '[{ op: "copy", from: "/budget", path: "/name" }]',
  '[{ op: "move", from: "/lair/trap", path: "/name" }]',
];

function specialValues(typeName: string): readonly string[] {
  // A file needs a multipart request; base64 brings bytes as well.
  return typeName === "BinaryInput" ? ['{ base64: { data: "aGVsbG8=" } }'] : [];
}

/** As `faces/graphql/global-id.ts` makes them. */
function globalIdOf(resourceId: string): string {
  const [name = ""] = resourceId.split(":");
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Resource`;
  return Buffer.from(`${type}:${resourceId}`).toString("base64");
}
