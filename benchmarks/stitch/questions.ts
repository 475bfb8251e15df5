/** What is asked, in the words of each side, and what the answer must be. */
import { strict as assert } from "node:assert";
import type { Request } from "../http/load.ts";
import { randomNumbers } from "../http/rows.ts";
import {
  type Note,
  notes,
  notesPerShelf,
  productCount,
  products,
  reviews,
  shelfCount,
  shelfOf,
  upcOf,
} from "./shop.mjs";

/** Two services; two services and the gateway's own model; the gateway's own model alone, a list and one. */
export const questionNames = ["two remotes", "two remotes and a model", "own list", "own get"] as const;
export type QuestionName = (typeof questionNames)[number];

export type Side = "weft" | "rival";

interface Question {
  readonly query: Readonly<Record<Side, string>>;
  /** @param index counts the requests of a sequence */
  readonly variables: (random: () => number, index: number) => Readonly<Record<string, unknown>>;
  /** What an answer's `data` must be. */
  readonly data: (variables: never, side: Side) => unknown;
  /** A text that the answer must hold. */
  readonly needle: (variables: never) => string;
}

/** One answer of so many is compared as a whole. */
const thoroughEvery = 64;
const listSize = 20;
const product = "upc name price reviews { id stars body }";
const list = `notes(first: ${notesPerShelf}, where: { shelf: { eq: $shelf } }, orderBy: [{ rank: ASC }])`;
const own = "title rank productUpc";

const questions: Readonly<Record<QuestionName, Question>> = {
  "two remotes": {
    query: {
      weft: `query ($upcs: [ID!]!) { products(upcs: $upcs) { ${product} } }`,
      rival: `query ($upcs: [ID!]!) { products(upcs: $upcs) { ${product} } }`,
    },
    variables: (random) => ({ upcs: Array.from({ length: listSize }, () => upcOf(below(productCount, random))) }),
    data: ({ upcs }: { upcs: readonly string[] }) => ({ products: upcs.map(productOf) }),
    needle: ({ upcs }: { upcs: readonly string[] }) => `${upcs.at(-1)}-r2`,
  },
  "two remotes and a model": {
    query: {
      weft: `query ($shelf: String!) { ${list} { nodes { data { title product { ${product} } } } } }`,
      rival: `query ($shelf: String!) { notes(shelf: $shelf) { title product { ${product} } } }`,
    },
    variables: shelf,
    data: ({ shelf }: { shelf: string }, side) =>
      listed(
        side,
        notesOn(shelf).map(({ title, productUpc }) => ({ title, product: productOf(productUpc) })),
      ),
    needle: ({ shelf }: { shelf: string }) => `${notesOn(shelf).at(-1)?.productUpc}-r2`,
  },
  "own list": {
    query: { weft: `query ($shelf: String!) { ${list} { nodes { data { ${own} } } } }`, rival: "" },
    variables: shelf,
    data: ({ shelf }: { shelf: string }, side) =>
      listed(
        side,
        notesOn(shelf).map(({ title, rank, productUpc }) => ({ title, rank, productUpc })),
      ),
    needle: ({ shelf }: { shelf: string }) => `${notesOn(shelf).at(-1)?.title}`,
  },
  "own get": {
    query: { weft: `query ($id: ID!) { note(resourceId: $id) { data { ${own} } } }`, rival: "" },
    variables: (random) => ({ id: `note:${shelfOf(below(shelfCount, random))}-${below(notesPerShelf, random)}` }),
    data: ({ id }: { id: string }) => {
      const { title, rank, productUpc } = noteOf(id);
      return { note: { data: { title, rank, productUpc } } };
    },
    needle: ({ id }: { id: string }) => noteOf(id).title,
  },
};

/** An endless sequence of requests, the same for the same seed; no two are likely to be alike, so that sharing what is under way helps nobody. */
export function requestsOf(name: QuestionName, side: Side, seed: number): () => Request {
  const question = questions[name];
  const random = randomNumbers(seed);
  const query = question.query[side];
  let asked = 0;
  return () => {
    const variables = question.variables(random, seed + asked) as never;
    const isThorough = asked++ % thoroughEvery === 0;
    const needle = question.needle(variables);
    return {
      body: JSON.stringify({ query, variables }),
      verify(body) {
        if (body.includes('"errors"') || !body.includes(needle))
          throw new Error(`wrong answer to ${name} ${JSON.stringify(variables)}: ${body.slice(0, 500)}`);
        if (isThorough) assert.deepEqual(JSON.parse(body).data, question.data(variables, side));
      },
    };
  };
}

/** In turns: drawn at random, of 16 requests under way two would often be alike. */
function shelf(_random: () => number, index: number): Readonly<Record<string, unknown>> {
  return { shelf: shelfOf((index * 7) % shelfCount) };
}

function listed(side: Side, rows: readonly object[]): unknown {
  return { notes: side === "weft" ? { nodes: rows.map((data) => ({ data })) } : rows };
}

function notesOn(name: string): readonly Note[] {
  return notes.get(name) ?? [];
}

/** By "note:shelf-07-3". */
function noteOf(id: string): Note {
  const [, name = "", rank] = /^note:(shelf-\d+)-(\d+)$/.exec(id) ?? [];
  const note = notesOn(name)[Number(rank)];
  if (note === undefined) throw new Error(`There is no note ${id}.`);
  return note;
}

function productOf(upc: string): unknown {
  const { name, price } = products.get(upc) ?? {};
  const written = reviews.get(upc)?.reviews ?? [];
  return { upc, name, price, reviews: written.map(({ id, stars, body }) => ({ id, stars, body })) };
}

function below(limit: number, random: () => number): number {
  return Math.floor(random() * limit);
}
