/** Random graphs, split over random services, asked random questions: what the gateway answers is what one undivided schema answers. */
import {
  buildSchema,
  type ExecutionResult,
  execute,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  isUnionType,
  parse,
  printSchema,
} from "graphql";
import { expect, it } from "vitest";
import { type Woven, weave } from "../weave.ts";
import { randomQuery } from "./query.ts";
import { seeded } from "./random.ts";
import { serviceOf } from "./services.ts";
import { randomSplit, type Split, targetsIn } from "./split.ts";
import { codeOf, entityOf, heldIn, isFaulty, randomWorld, type Thing, type World } from "./world.ts";

const isSoak = process.env.WEFT_SOAK === "1";
const worlds = isSoak ? 4_000 : 60;
const queriesEach = isSoak ? 10 : 6;
const firstSeed = Number(process.env.WEFT_SEED ?? Math.floor(Math.random() * 1_000_000_000));

/** The composed schema over the whole world: graphql-js alone. */
function undivided(composed: GraphQLSchema, world: World, { parts }: Split): GraphQLSchema {
  const schema = buildSchema(printSchema(composed));
  for (const type of Object.values(schema.getTypeMap())) {
    if (isInterfaceType(type) || isUnionType(type)) type.resolveType = (thing) => (thing as Thing).t;
    if (!isObjectType(type) || !/^E\d$/.test(type.name)) continue;
    const { code, ...fields } = type.getFields();
    if (code) code.resolve = (thing) => codeOf(thing);
    for (const defined of Object.values(fields)) {
      const field = entityOf(world, type.name).fields.find(({ name }) => name === defined.name);
      if (field === undefined) continue;
      const owner = parts.find(({ entities }) => entities.get(type.name)?.fields.includes(field));
      const targets = owner ? targetsIn(owner.entities, field.of) : [];
      defined.resolve = (thing, args) => {
        if (isFaulty(world, thing, field)) throw new Error(`fault of ${thing.t}:${thing.id}.${field.name}`);
        return heldIn(world, thing, field, args, targets);
      };
    }
  }
  const query = schema.getQueryType()?.getFields() ?? {};
  for (const { roots, entities } of parts)
    for (const root of roots.values()) {
      const field = query[root.name];
      const targets = targetsIn(entities, root.of);
      if (field) field.resolve = (_, args) => heldIn(world, { t: "Query", id: "" }, root, args, targets);
    }
  return schema;
}

function weaveSplit(world: World, { parts, hasLocal }: Split): Woven {
  const services = parts.map((share) => serviceOf(world, share));
  const [first] = parts;
  const [local, ...others] = services;
  if (!hasLocal || first === undefined || local === undefined) return weave(services);
  const key = [{ name: "id", remoteName: "id" }];
  const find = (t: string) => async (found: Readonly<Record<string, unknown>>) => ({ t, id: String(found.id) });
  const localLookUps = new Map([...first.entities.keys()].map((t) => [t, { key, find: find(t) }]));
  return weave(others, { local: local.schema, localLookUps });
}

function shownErrors({ errors = [] }: ExecutionResult): readonly string[] {
  return errors.map(({ message, path }) => `${path?.join(".")}: ${message}`).sort();
}

it(`of ${worlds} worlds, each split over services, answers what the whole would (seed ${firstSeed})`, {
  timeout: 3_600_000,
}, async () => {
  let asked = 0;
  for (let seed = firstSeed; seed < firstSeed + worlds; seed += 1) {
    const random = seeded(seed);
    const world = randomWorld(seed, random);
    const split = randomSplit(world, random);
    const woven = weaveSplit(world, split);
    const oracle = undivided(woven.schema, world, split);
    const isChunked = split.parts.some(({ maxBatchSize }) => maxBatchSize < 100);
    for (let n = 0; n < queriesEach; n += 1) {
      const { text, variables } = randomQuery(woven.schema, random);
      const document = parse(text);
      asked += 1;
      const expected = JSON.parse(
        JSON.stringify(await execute({ schema: oracle, document, variableValues: variables })),
      );
      const told = `WEFT_SEED=${seed}\n${text}\n${JSON.stringify(variables)}`;
      const found = await woven.ask(text, variables).catch((error) => {
        throw new Error(`${told}\n${error}`, { cause: error });
      });
      const requests = woven.asked.map((one) => `${one.service}: ${one.query} ${JSON.stringify(one.variables ?? {})}`);
      const where = `${told}\n${requests.join("\n")}`;
      expect(found.data, where).toEqual(expected.data);
      expect(shownErrors(found), where).toEqual(shownErrors(expected));
      // At each level of the answer a key, one more to reach its service, and what a computed field needs.
      if (!isChunked)
        for (const { name } of split.parts)
          expect(woven.asked.filter(({ service }) => service === name).length, where).toBeLessThanOrEqual(1 + 3 * 4);
    }
  }
  expect(asked).toBe(worlds * queriesEach);
});
