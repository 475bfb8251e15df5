/** SDL of services as it comes: with directives that nobody defines, and extensions of what is defined elsewhere. */
import {
  buildASTSchema,
  type DefinitionNode,
  type DocumentNode,
  type GraphQLSchema,
  type InterfaceTypeDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
} from "graphql";

/** @throws Error that says where it is wrong */
export function schemaOfSdl(sdl: string): GraphQLSchema {
  return buildASTSchema(withoutExtensions(parse(sdl)), { assumeValidSDL: true });
}

type Extended = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode;

/** An extension of a type that the document does not define is its definition here. */
function withoutExtensions({ definitions }: DocumentNode): DocumentNode {
  const types = new Map<string, Extended>();
  const others: DefinitionNode[] = [];
  for (const definition of definitions) {
    const plain = definitionOf(definition);
    if (plain === undefined) {
      others.push(definition);
      continue;
    }
    const known = types.get(plain.name.value);
    types.set(plain.name.value, known === undefined ? plain : joined(known, plain));
  }
  return { kind: Kind.DOCUMENT, definitions: [...types.values(), ...others] };
}

function definitionOf(node: DefinitionNode): Extended | undefined {
  if (node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION) return node;
  if (node.kind === Kind.OBJECT_TYPE_EXTENSION) return { ...node, kind: Kind.OBJECT_TYPE_DEFINITION };
  if (node.kind === Kind.INTERFACE_TYPE_EXTENSION) return { ...node, kind: Kind.INTERFACE_TYPE_DEFINITION };
  return undefined;
}

function joined(one: Extended, other: Extended): Extended {
  return {
    ...one,
    interfaces: [...(one.interfaces ?? []), ...(other.interfaces ?? [])],
    fields: [...(one.fields ?? []), ...(other.fields ?? [])],
    directives: [...(one.directives ?? []), ...(other.directives ?? [])],
  };
}
