/** Asks a gateway in-process, over its real HTTP face. */
import type { Gateway } from "../../src/gateway.ts";

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape
  readonly data: any;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: { readonly code: string; readonly [key: string]: unknown };
  }[];
}

/** @param variables or the JSON text of them */
export async function ask(gateway: Gateway, query: string, variables: object | string = {}): Promise<Answer> {
  const text = typeof variables === "string" ? variables : JSON.stringify(variables);
  const response = await gateway.fetch(
    new Request("http://weft.test/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: `{"query":${JSON.stringify(query)},"variables":${text}}`,
    }),
  );
  return { status: response.status, ...((await response.json()) as Omit<Answer, "status">) };
}

/** The codes of an answer's errors. */
export function codesIn({ errors = [] }: Answer): string[] {
  return errors.map(({ extensions }) => extensions.code);
}
