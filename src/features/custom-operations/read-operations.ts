/** From operations of a user's own to operations as faces walk them: schemas read, names claimed. */
import { z } from "zod";
import type { ClaimDraft, NameSpace } from "../../model/claims.ts";
import type { ModelDraft } from "../../model/define.ts";
import { capitalise } from "../../model/names.ts";
import { type Detached, readDetached } from "../../model/read-detached.ts";
import type { Action, Operation } from "../../resource/operation.ts";
import type { CustomOperation } from "./custom-operation.ts";
import { runCustom, shownResult } from "./run-custom.ts";

/** An operation with what its schemas mean. */
export interface ReadOperation {
  readonly custom: CustomOperation;
  readonly input: Detached;
  /** Holds what is given back as its field `result`. */
  readonly output: Detached | "resource" | "resources";
}

export interface OperationsSource extends ModelDraft {
  readonly operations: readonly CustomOperation[];
  /** Names of weft's own. */
  readonly taken: ReadonlySet<string>;
  readonly maxDataDepth: number;
}

interface Notes {
  readonly claims: ClaimDraft;
  /** Gets a sentence for everything that is wrong. */
  readonly problems: string[];
}

const spaces: Readonly<Record<CustomOperation["kind"], NameSpace>> = {
  read: "Query",
  write: "Mutation",
  stream: "Subscription",
};

const actions: Readonly<Record<CustomOperation["kind"], Action>> = {
  read: "getOne",
  write: "update",
  stream: "subscribe",
};

/** Fields that every resource type has. */
const resourceFields = ["id", "meta", "revision", "data", "partial"];

export function readOperations(source: OperationsSource, notes: Notes): Operation[] {
  const names = new Set([...source.taken, ...resourceFields]);
  return source.operations.flatMap((custom) => {
    const fault = faultOf(custom, names);
    names.add(custom.name);
    if (fault === undefined) return [operationOf(readOne(source, custom, notes))];
    notes.problems.push(`operations: ${fault}`);
    return [];
  });
}

function faultOf({ name, kind, place = "root" }: CustomOperation, names: ReadonlySet<string>): string | undefined {
  if (!/^[a-z][A-Za-z0-9]*$/.test(name)) return `${JSON.stringify(name)} is no name for one: a verb such as "archive"`;
  if (names.has(name)) return `there is an operation or a field ${name} already, which cannot be replaced`;
  if (!(kind in spaces)) return `${name}: kind is "read", "write" or "stream"`;
  return place === "resource" && kind !== "read" ? `${name}: only reading has its place at a resource` : undefined;
}

function readOne(source: OperationsSource, custom: CustomOperation, notes: Notes): ReadOperation {
  const { modelName, graphqlName, singular, maxDataDepth } = source;
  const { name, kind, place = "root", output } = custom;
  if (place === "root") {
    const claim = { by: `model ${modelName} (its operation ${name})`, cure: "{ operations: [{ name }] }" };
    const problem = notes.claims.claim(spaces[kind], name + capitalise(singular), claim);
    if (problem !== undefined) notes.problems.push(problem);
  }
  const read = (part: string, schema: z.ZodObject) =>
    readDetached(
      {
        ...{ modelName, schema, maxDataDepth },
        path: `operations.${name}.${part}`,
        typeName: graphqlName + capitalise(name),
      },
      notes,
    );
  return {
    custom,
    input: custom.input ? read("input", custom.input) : nothing,
    output: typeof output === "string" ? output : read("output", z.object({ result: output })),
  };
}

const nothing: Detached = {
  type: { kind: "object", name: "Nothing", description: undefined, fields: new Map() },
  parse: () => ({}),
  revive: () => ({}),
};

function operationOf(read: ReadOperation): Operation {
  const { custom, input, output } = read;
  const { name, kind, place = "root", description, action = actions[custom.kind] } = custom;
  const result = typeof output === "string" ? output : output.type.fields.get("result");
  const operation: Operation<CustomInput, Promise<unknown>> = {
    ...{ name, kind, place, action },
    description: description ?? `An operation of this application's own, under the policies of ${action}.`,
    input: (place === "resource" ? { resourceId: { kind: "resourceId", isRequired: true } } : {}) as never,
    output: "typed",
    typed: {
      input: input.type,
      output: result ?? "resource",
      show: (context, value) => shownResult(context, read, value),
    },
    run: (context, given) => runCustom(context, read, given),
  };
  return operation as unknown as Operation;
}

export type CustomInput = Readonly<Record<string, unknown>>;
