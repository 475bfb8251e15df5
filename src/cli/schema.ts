import { writeFile } from "node:fs/promises";
import { ConfigurationError } from "../base/errors.ts";
import { sdlOf } from "../faces/graphql/sdl.ts";
import { loadGateway } from "./config.ts";

/** `weft schema`: prints the schema, or writes it. Opens no store. */
export async function schema(file: string | undefined, options: { readonly out?: string }): Promise<void> {
  const gateway = await loadGateway(file);
  // What services tell is part of it.
  await gateway.reload();
  const sdl = sdlOf(gateway.schema());
  if (options.out === undefined) process.stdout.write(sdl);
  else await write(options.out, sdl);
  await gateway.close();
}

async function write(file: string, text: string): Promise<void> {
  await writeFile(file, text).catch((error: Error) => {
    throw new ConfigurationError(`--out cannot be written: ${error.message}.`, { cause: error });
  });
}
