/**
 * The config module: TypeScript or JavaScript, wherever it lies, whose default export is a gateway.
 *
 * `weft` and the packages whose objects pass between it and us are handed to the module and to whatever it imports, as they
 * are loaded here. A second copy would bring a second registry, and its schemas and errors would not be ours.
 */
import { existsSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { createJiti } from "jiti";
import { ConfigurationError } from "../base/errors.ts";
import { type Gateway, isGateway } from "../gateway.ts";

const defaultFiles = ["weft.config.ts", "weft.config.mts", "weft.config.js", "weft.config.mjs"];

/** The path of the config module. @throws ConfigurationError where there is none */
export function findConfig(file: string | undefined): string {
  const candidates = (file === undefined ? defaultFiles : [file]).map((name) => resolve(name));
  const found = candidates.find((path) => existsSync(path) && statSync(path).isFile());
  if (found !== undefined) return found;
  if (file !== undefined) throw new ConfigurationError(`There is no config module ${resolve(file)}.`);
  throw new ConfigurationError(
    `There is no weft.config.ts in ${process.cwd()}. Write one, or name another: weft start FILE.`,
  );
}

/** @throws ConfigurationError where its default export is no gateway of this copy of weft; whatever the module itself throws */
export async function loadGateway(file: string | undefined): Promise<Gateway> {
  const path = findConfig(file);
  const jiti = createJiti(pathToFileURL(path).href, {
    virtualModules: await sharedModules(),
    moduleCache: false,
    fsCache: false,
  });
  const exported: unknown = await jiti.import(path, { default: true });
  if (isGateway(exported)) return exported;
  const advice = "End it with: export default createGateway({ … })";
  if (isForeignGateway(exported)) {
    throw new ConfigurationError(
      `${basename(path)} exports a gateway of another copy of weft. Import createGateway from "weft".`,
    );
  }
  throw new ConfigurationError(`${basename(path)} has no gateway as its default export. ${advice}.`);
}

/** By the names under which a config module may ask for them. */
async function sharedModules(): Promise<Record<string, unknown>> {
  // By its own name, as any other program would: the public surface is above this floor.
  const self = "weft";
  const [weft, zod, zod4, graphql] = await Promise.all([
    import(self),
    import("zod"),
    import("zod/v4"),
    import("graphql"),
  ]);
  return { weft, zod, "zod/v4": zod4, graphql };
}

function isForeignGateway(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.getOwnPropertySymbols(value).some(({ description }) => description === "weft.gateway");
}
