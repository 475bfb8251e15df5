/** Typed filters of single fields: one type per scalar, per enum, and per list of these; its fields are the operators. */
import type { InputObjectRef, InputRef } from "@pothos/core";
import { enumFilterNamesOf } from "../../../model/derived-names.ts";
import type { FieldType } from "../../../model/field.ts";
import type { ComparableType, OperatorName } from "../../../query/condition.ts";
import { comparableTypeOf } from "../../../query/fields.ts";
import {
  listQuantifiers,
  type OperandKind,
  operators,
  operatorsFor,
  typesWithLength,
} from "../../../query/operators.ts";
import type { GraphqlBuilder, GraphqlTypes } from "../builder.ts";
import { described, type EnumTypes } from "../data/enum-types.ts";
import { type ScalarTypeName, scalarNameOf } from "../data/scalar-names.ts";

export type FilterTypes = (type: FieldType) => InputObjectRef<GraphqlTypes, object>;

type FieldBuilder = PothosSchemaTypes.InputFieldBuilder<GraphqlTypes, "InputObject">;

interface Subject {
  readonly name: string;
  readonly type: ComparableType;
  /** The type of a value; of an element for a list. */
  readonly operand: ScalarTypeName | InputRef;
  readonly operators: readonly OperatorName[];
  readonly hasLength: boolean;
}

export function createFilterTypes(builder: GraphqlBuilder, enums: EnumTypes): FilterTypes {
  const refs = new Map<string, InputObjectRef<GraphqlTypes, object>>();
  const filterOf: FilterTypes = (type) => {
    const subject = subjectOf(type, enums);
    const known = refs.get(subject.name);
    if (known) return known;
    const length = subject.hasLength ? filterOf({ kind: "int" }) : undefined;
    const ref = builder.inputType(subject.name, {
      fields: (t) => ({
        ...Object.fromEntries(subject.operators.map((operator) => [operator, operandField(t, operator, subject)])),
        ...(subject.type === "list" && quantifierFields(t, subject)),
        ...(length && { length: t.field({ type: length, ...described({ description: lengths[subject.type] }) }) }),
      }),
    });
    refs.set(subject.name, ref);
    return ref;
  };
  return filterOf;
}

function subjectOf(type: FieldType, enums: EnumTypes): Subject {
  const isList = type.kind === "list";
  const element = isList ? type.element.type : type;
  const names =
    element.kind === "enum"
      ? enumFilterNamesOf(element.name)
      : { one: `${scalarNameOf(element) ?? "JSON"}Filter`, list: `${scalarNameOf(element) ?? "JSON"}ListFilter` };
  const comparable = comparableTypeOf({ type });
  return {
    name: isList ? names.list : names.one,
    type: comparable,
    operand: element.kind === "enum" ? enums(element) : (scalarNameOf(element) ?? "JSON"),
    operators: operatorsFor(comparable).filter(
      (operator) => !isClosed(type) || choosing.has(operators[operator].operand),
    ),
    hasLength: !isClosed(type) && typesWithLength.includes(comparable),
  };
}

/** Enum values and booleans could be ordered, and be taken for text, but nobody means that. */
function isClosed(type: FieldType): boolean {
  return type.kind === "enum" || type.kind === "boolean";
}

const choosing: ReadonlySet<OperandKind> = new Set(["any", "list", "boolean"]);

function operandField(t: FieldBuilder, operator: OperatorName, { type, operand }: Subject) {
  const description = described({ description: descriptions[operator] });
  const { operand: kind }: { operand: OperandKind } = operators[operator];
  const value = type === "list" && kind !== "part" ? t.listRef(operand) : operand;
  switch (kind) {
    case "boolean":
      return t.boolean(description);
    case "pattern":
      return t.string(description);
    case "list":
    case "range":
      return t.field({ type: t.listRef(value), ...description });
    default:
      return t.field({ type: value, ...description });
  }
}

function quantifierFields(t: FieldBuilder, { operand }: Subject) {
  return Object.fromEntries(listQuantifiers.map((name) => [name, t.field({ type: t.listRef(operand) })]));
}

/** Of those whose name does not say enough. */
const descriptions: { readonly [Name in OperatorName]?: string } = {
  between: "The lowest and the highest value, both included.",
  regex: "RE2 syntax; matches anywhere in the text.",
  isNull: "Of a field that is absent: neither true nor false.",
  exists: "Is the field there, null or not?",
  isna: "Is the field absent or null?",
};

const lengths: { readonly [Type in ComparableType]?: string } = {
  text: "Of the text, in code points.",
  list: "The number of elements.",
  json: "Of a text or a list.",
};
