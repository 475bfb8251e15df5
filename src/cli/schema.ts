import { writeFile } from "node:fs/promises";
import { sdlOf } from "../faces/graphql/sdl.ts";
import { loadGateway } from "./config.ts";

/** `weft schema`: prints the schema, or writes it. Opens no store. */
export async function schema(file: string | undefined, options: { readonly out?: string }): Promise<void> {
  const gateway = await loadGateway(file);
  const sdl = sdlOf(gateway.schema());
  if (options.out === undefined) process.stdout.write(sdl);
  else await writeFile(options.out, sdl);
  await gateway.close();
}
