/** Typed filters of single fields: one type per scalar, per enum, and per list of these; its fields are the operators. */
import type { InputObjectRef, InputRef } from "@pothos/core";
import { enumFilterNamesOf } from "../../../model/derived-names.ts";
import type { FieldType } from "../../../model/field.ts";
import type { OperatorName } from "../../../query/condition.ts";
import { comparableTypeOf } from "../../../query/fields.ts";
import { type OperandKind, operators, operatorsFor } from "../../../query/operators.ts";
import type { GraphqlBuilder, GraphqlTypes } from "../builder.ts";
import type { EnumTypes } from "../data/enum-types.ts";
import { type ScalarTypeName, scalarNameOf } from "../data/scalar-names.ts";

export type FilterTypes = (type: FieldType) => InputObjectRef<GraphqlTypes, object>;

type FieldBuilder = PothosSchemaTypes.InputFieldBuilder<GraphqlTypes, "InputObject">;

interface Subject {
  readonly name: string;
  /** The type of a value; of an element for a list. */
  readonly operand: ScalarTypeName | InputRef;
  readonly isList: boolean;
  readonly operators: readonly OperatorName[];
}

export function createFilterTypes(builder: GraphqlBuilder, enums: EnumTypes): FilterTypes {
  const refs = new Map<string, InputObjectRef<GraphqlTypes, object>>();
  return (type) => {
    const subject = subjectOf(type, enums);
    const known = refs.get(subject.name);
    if (known) return known;
    const ref = builder.inputType(subject.name, {
      fields: (t) =>
        Object.fromEntries(subject.operators.map((operator) => [operator, operandField(t, operator, subject)])),
    });
    refs.set(subject.name, ref);
    return ref;
  };
}

function subjectOf(type: FieldType, enums: EnumTypes): Subject {
  const isList = type.kind === "list";
  const element = isList ? type.element.type : type;
  const names =
    element.kind === "enum"
      ? enumFilterNamesOf(element.name)
      : { one: `${scalarNameOf(element) ?? "JSON"}Filter`, list: `${scalarNameOf(element) ?? "JSON"}ListFilter` };
  return {
    name: isList ? names.list : names.one,
    operand: element.kind === "enum" ? enums(element) : (scalarNameOf(element) ?? "JSON"),
    isList,
    operators: operatorsFor(comparableTypeOf({ type })).filter((operator) => applies(operator, type)),
  };
}

/** Enum values and booleans could be ordered, and be taken for text, but nobody means that. */
function applies(operator: OperatorName, type: FieldType): boolean {
  const { operand }: { operand: OperandKind } = operators[operator];
  return (type.kind !== "enum" && type.kind !== "boolean") || (operand !== "own" && operand !== "part");
}

function operandField(t: FieldBuilder, operator: OperatorName, { operand, isList }: Subject) {
  const { operand: kind }: { operand: OperandKind } = operators[operator];
  const value = isList && kind !== "part" ? t.listRef(operand) : operand;
  switch (kind) {
    case "boolean":
      return t.boolean();
    case "list":
      return t.field({ type: t.listRef(value) });
    default:
      return t.field({ type: value });
  }
}
