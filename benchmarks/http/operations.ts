/** What is asked of each contender: three operations, the same fields of the same rows, in the words of its own API. */
import { strict as assert } from "node:assert";
import type { Request } from "./load.ts";
import { owners, type Row, randomNumbers, rowAt, rowId } from "./rows.ts";

export const operationNames = ["get", "list", "create"] as const;
export type OperationName = (typeof operationNames)[number];

export const listSize = 20;
/** One answer of so many is parsed and compared field by field; the others are searched for the row they must hold. */
const thoroughEvery = 64;

export interface Dialect {
  readonly get: { readonly query: string; readonly variables: (id: string) => object };
  readonly list: { readonly query: string; readonly variables: (owner: string) => object };
  readonly create: { readonly query: string; readonly variables: (row: Row) => object };
  /** Takes the rows out of an answer's `data`; a single one is a list of one. */
  readonly rows: (operation: OperationName, data: never) => readonly Answer[];
}

/** The three fields that every operation selects; two of them are not indexed anywhere. */
interface Answer {
  readonly title: string;
  readonly level: number;
  readonly description: string;
}

export const weftDialect: Dialect = {
  get: {
    query: "query ($id: ID!) { todo(resourceId: $id) { data { title level description } } }",
    variables: (id) => ({ id: `todo:${id}` }),
  },
  list: {
    query: `query ($owner: String!) { todos(first: ${listSize}, where: { owner: { eq: $owner }, done: { eq: false } }, orderBy: [{ level: DESC }]) { nodes { data { title level description } } } }`,
    variables: (owner) => ({ owner }),
  },
  create: {
    query: "mutation ($data: TodoInput!) { createTodo(data: $data) { data { title level description } } }",
    variables: (data) => ({ data }),
  },
  rows: (operation, data: Record<string, { data: Answer } & { nodes: { data: Answer }[] }>) => {
    if (operation === "list") return data.todos?.nodes.map((node) => node.data) ?? [];
    const one = data[operation === "get" ? "todo" : "createTodo"];
    return one === undefined ? [] : [one.data];
  },
};

export const rivalDialect: Dialect = {
  get: {
    query: "query ($id: ID!) { todo(id: $id) { title level description } }",
    variables: (id) => ({ id }),
  },
  list: {
    query: `query ($owner: String!) { todos(take: ${listSize}, where: { owner: $owner, done: false }, orderBy: { level: DESC }) { title level description } }`,
    variables: (owner) => ({ owner }),
  },
  create: {
    query: "mutation ($data: TodoInput!) { createTodo(data: $data) { title level description } }",
    variables: (data) => ({ data }),
  },
  rows: (operation, data: Record<string, Answer & Answer[]>) => {
    const found = data[operation === "get" ? "todo" : operation === "list" ? "todos" : "createTodo"];
    return found === undefined ? [] : operation === "list" ? found : [found];
  },
};

/** An endless sequence of requests of one operation, the same for the same seed whatever the dialect. */
export function requestsOf(dialect: Dialect, operation: OperationName, rowCount: number, seed: number): () => Request {
  const random = randomNumbers(seed);
  let asked = 0;
  return () => {
    const isThorough = asked++ % thoroughEvery === 0;
    const { variables, expected } = question(dialect, operation, rowCount, random);
    const body = JSON.stringify({ query: dialect[operation].query, variables });
    const needle = expected === undefined ? '"title":' : JSON.stringify(expected[0]?.title);
    return {
      body,
      verify: (answer) => {
        if (answer.includes('"errors"') || !answer.includes(needle))
          throw new Error(`wrong answer to ${body}: ${answer.slice(0, 500)}`);
        if (!isThorough) return;
        const rows = dialect.rows(operation, JSON.parse(answer).data as never);
        assert.deepEqual(rows, expected);
      },
    };
  };
}

function question(dialect: Dialect, operation: OperationName, rowCount: number, random: () => number) {
  if (operation === "get") {
    const index = Math.floor(random() * rowCount);
    return { variables: dialect.get.variables(rowId(index)), expected: [selected(rowAt(index))] };
  }
  if (operation === "create") {
    // Of no seeded owner, so that the lists stay as they were.
    const row = { ...rowAt(Math.floor(random() * 1e9)), owner: `writer-${Math.floor(random() * owners)}` };
    return { variables: dialect.create.variables(row), expected: [selected(row)] };
  }
  const owner = `user-${Math.floor(random() * owners)}`;
  return { variables: dialect.list.variables(owner), expected: expectedList(owner, rowCount) };
}

const lists = new Map<string, readonly Answer[]>();

/** An owner's open rows, levels descending, ties by id. */
function expectedList(owner: string, rowCount: number): readonly Answer[] {
  const known = lists.get(owner);
  if (known !== undefined) return known;
  const open = allRows(rowCount).filter((row) => row.owner === owner && !row.done);
  const list = open
    .sort((a, b) => b.level - a.level)
    .slice(0, listSize)
    .map(selected);
  lists.set(owner, list);
  return list;
}

let rows: readonly Row[] = [];

function allRows(rowCount: number): readonly Row[] {
  if (rows.length !== rowCount) rows = Array.from({ length: rowCount }, (_, index) => rowAt(index));
  return rows;
}

function selected({ title, level, description }: Row): Answer {
  return { title, level, description };
}
