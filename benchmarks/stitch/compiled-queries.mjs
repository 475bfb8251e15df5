/**
 * Answers queries over plain objects at the least cost, so that the services are not what is measured: a document is parsed and validated by
 * graphql-js once, and made into functions. Introspection is left to graphql-js. No faults: what is looked up is known to be there, or null.
 */
import { buildSchema, execute, GraphQLError, parse, validate, valueFromASTUntyped } from "graphql";

const kept = 500;

/**
 * @param sdl of the service
 * @param roots a function of its arguments for each field of Query; objects have `__typename`
 */
export function createQueries(sdl, roots) {
  const schema = buildSchema(sdl);
  const compiled = new Map();

  const compile = (query) => {
    const document = parse(query, { noLocation: true });
    const errors = validate(schema, document);
    if (errors.length > 0) return () => ({ errors });
    if (query.includes("__schema") || query.includes("__type(")) return () => execute({ schema, document });
    const fragments = new Map();
    for (const definition of document.definitions)
      if (definition.kind === "FragmentDefinition") fragments.set(definition.name.value, definition);
    const operations = document.definitions.filter(({ kind }) => kind === "OperationDefinition");
    if (operations.length !== 1) throw new GraphQLError("One operation, please.");
    const fields = collect(operations[0].selectionSet, fragments);
    const readers = fields.map(({ node, key }) => {
      const given = argumentsOf(node);
      if (node.name.value === "__typename") return [key, () => "Query"];
      const read = node.selectionSet ? reader(node.selectionSet, fragments) : (value) => value;
      return [key, (variables) => read(roots[node.name.value](given(variables)))];
    });
    return (variables) => {
      const data = {};
      for (const [key, read] of readers) data[key] = read(variables);
      return { data };
    };
  };

  return ({ query, variables = {} }) => {
    let run = compiled.get(query);
    if (run === undefined) {
      if (compiled.size >= kept) compiled.delete(compiled.keys().next().value);
      run = compile(query);
      compiled.set(query, run);
    }
    return run(variables);
  };
}

/** Fields of a selection, with the type that a fragment around them asks for. */
function collect(selectionSet, fragments, condition) {
  return selectionSet.selections.flatMap((selection) => {
    if (selection.kind === "Field")
      return [{ node: selection, key: (selection.alias ?? selection.name).value, condition }];
    const fragment = selection.kind === "FragmentSpread" ? fragments.get(selection.name.value) : selection;
    const type = fragment.typeCondition?.name.value;
    return collect(fragment.selectionSet, fragments, type === "_Entity" ? condition : (type ?? condition));
  });
}

function reader(selectionSet, fragments) {
  // Selections of one key are merged, as GraphQL wants it.
  const byKey = new Map();
  for (const { node, key, condition } of collect(selectionSet, fragments)) {
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, { name: node.name.value, key, condition, sets: [node.selectionSet] });
    else known.sets.push(node.selectionSet);
  }
  const fields = [...byKey.values()].map(({ name, key, condition, sets }) => {
    const selections = sets.flatMap((set) => set?.selections ?? []);
    return { name, key, condition, read: selections.length > 0 ? reader({ selections }, fragments) : undefined };
  });
  const one = (value) => {
    if (value == null) return null;
    const object = {};
    for (const { name, key, condition, read } of fields)
      if (condition === undefined || condition === value.__typename)
        object[key] = read ? read(value[name]) : value[name];
    return object;
  };
  return (value) => (Array.isArray(value) ? value.map(one) : one(value));
}

function argumentsOf(node) {
  const given = node.arguments.map(({ name, value }) => [name.value, value]);
  return (variables) =>
    Object.fromEntries(
      given.map(([name, value]) => [
        name,
        value.kind === "Variable" ? variables[value.name.value] : valueFromASTUntyped(value, variables),
      ]),
    );
}
