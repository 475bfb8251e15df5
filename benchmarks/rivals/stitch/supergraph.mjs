/** The supergraph of the two services and the gateway's own notes, as Apollo composes it. */
import { composeServices } from "@apollo/composition";
import { parse } from "graphql";
import { catalogSdl, notesSdl, reviewsSdl, withLink } from "../../stitch/shop.mjs";

export function composeSupergraph() {
  const service = (name, sdl, url) => ({ name, url, typeDefs: parse(withLink(sdl)) });
  const { supergraphSdl, errors } = composeServices([
    service("catalog", catalogSdl, process.env.CATALOG_URL),
    service("reviews", reviewsSdl, process.env.REVIEWS_URL),
    service("notes", notesSdl, "http://notes.invalid/graphql"),
  ]);
  if (supergraphSdl === undefined) throw new AggregateError(errors);
  return supergraphSdl;
}
