#!/usr/bin/env -S node --max-semi-space-size=64
import { createRequire } from "node:module";
import { Command } from "commander";
import { ConfigurationError } from "../base/errors.ts";
import { dev } from "./dev.ts";
import { doctor } from "./doctor.ts";
import { gc } from "./gc.ts";
import { reindex } from "./reindex.ts";
import { reload } from "./reload.ts";
import { schema } from "./schema.ts";
import { start } from "./start.ts";

const { version } = createRequire(import.meta.url)("../../package.json") as { readonly version: string };
const config = ["[config]", "the config module (default: ./weft.config.ts)"] as const;

const program = new Command("weft").description("Versioned resources, GraphQL first.").version(version);
program
  .command("start")
  .description("serve the gateway of a config module")
  .argument(...config)
  .action((file) => start(file));
program
  .command("dev")
  .description("serve it, and start anew when a file changes")
  .argument(...config)
  .action((file) => dev(file));
program
  .command("schema")
  .description("print its GraphQL schema")
  .argument(...config)
  .option("--out <file>", "write it to a file")
  .action((file, options) => schema(file, options));
program
  .command("reload")
  .description("have the running gateway ask its services for their schemas now")
  .option("--force", "take new schemas that break clients, too")
  .action((options) => reload(options));
program
  .command("reindex")
  .description("bring what was written before indexedFields changed up to date, and the indexes of the store")
  .argument("[model...]", "names of models (default: all)")
  .option("--config <file>", config[1])
  .action((models, options) => reindex(models, options));

program
  .command("gc")
  .description("remove payloads and blobs that nothing refers to: what crashes have left")
  .option("--config <file>", config[1])
  .option("--dry-run", "count them, and remove nothing")
  .option("--grace <time>", "leave what is younger, as in 90m, 24h, 7d (default: 24h)")
  .option("--payloads", "leave blobs alone")
  .action((options) => gc(options));

program
  .command("doctor")
  .description("look at each store, bus and queue: whether it can be used, and what it promises")
  .option("--config <file>", config[1])
  .action((options) => doctor(options));

program.parseAsync().catch((error: unknown) => {
  // Configuration mistakes say in their message what to mend; of any other error, the place matters too.
  if (error instanceof ConfigurationError) console.error(`weft: ${error.message}`);
  else console.error("weft:", error);
  process.exit(1);
});
