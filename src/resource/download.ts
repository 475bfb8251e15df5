/** How a blob is handed out: as what, and whether a browser may show it. */
import { essenceOf } from "./media-type.ts";

/** Types that no browser runs, as long as it does not guess (`nosniff`). SVG is a document with scripts. */
const shown = /^(image\/(?!svg)|audio\/|video\/|font\/|text\/plain$|application\/pdf$)/;

/** The content-disposition (RFC 6266). No name that anybody has chosen is in it: the file is called by its id. */
export function dispositionOf(fileId: string, contentType: string): string {
  const essence = essenceOf(contentType);
  const extension = /\/(?:x-)?([a-z0-9]{2,5})$/.exec(essence)?.[1];
  const name = extension ? `${fileId.slice(0, 16)}.${extension}` : fileId.slice(0, 16);
  return `${shown.test(essence) ? "inline" : "attachment"}; filename="${name}"`;
}
