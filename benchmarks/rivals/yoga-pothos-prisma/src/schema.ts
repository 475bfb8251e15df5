import SchemaBuilder from "@pothos/core";
import PrismaPlugin from "@pothos/plugin-prisma";
import type { PrismaClient } from "./generated/client/client.ts";
import type PrismaTypes from "./generated/pothos-types.ts";
import { getDatamodel } from "./generated/pothos-types.ts";

const defaultTake = 10;
const maxTake = 1000;

/** The API over the plain table. Objects use `select`, so that Prisma reads only the columns that a query names. */
export function buildSchema(prisma: PrismaClient) {
  const builder = new SchemaBuilder<{ PrismaTypes: PrismaTypes; Scalars: { DateTime: { Input: Date; Output: Date } } }>({
    plugins: [PrismaPlugin],
    prisma: { client: prisma, dmmf: getDatamodel() },
  });
  builder.scalarType("DateTime", { serialize: (date) => date.toISOString(), parseValue: (text) => new Date(String(text)) });

  builder.prismaObject("Todo", {
    select: { id: true },
    fields: (t) => ({
      id: t.exposeID("id"),
      title: t.exposeString("title"),
      description: t.exposeString("description"),
      level: t.exposeInt("level"),
      done: t.exposeBoolean("done"),
      owner: t.exposeString("owner"),
      tags: t.exposeStringList("tags"),
      createdAt: t.expose("createdAt", { type: "DateTime" }),
      updatedAt: t.expose("updatedAt", { type: "DateTime" }),
    }),
  });

  const direction = builder.enumType("SortDirection", { values: { ASC: { value: "asc" }, DESC: { value: "desc" } } as const });
  const where = builder.inputType("TodoWhere", {
    fields: (t) => ({ owner: t.string(), done: t.boolean(), minLevel: t.int() }),
  });
  const orderBy = builder.inputType("TodoOrder", { fields: (t) => ({ level: t.field({ type: direction }) }) });
  const input = builder.inputType("TodoInput", {
    fields: (t) => ({
      title: t.string({ required: true }),
      description: t.string({ required: true }),
      level: t.int({ required: true }),
      done: t.boolean({ required: true }),
      owner: t.string({ required: true }),
      tags: t.stringList({ required: true }),
    }),
  });

  builder.queryType({
    fields: (t) => ({
      todo: t.prismaField({
        type: "Todo",
        nullable: true,
        args: { id: t.arg.id({ required: true }) },
        resolve: (query, _root, { id }) => prisma.todo.findUnique({ ...query, where: { id } }),
      }),
      todos: t.prismaField({
        type: ["Todo"],
        args: { where: t.arg({ type: where }), orderBy: t.arg({ type: orderBy }), take: t.arg.int() },
        resolve: (query, _root, args) =>
          prisma.todo.findMany({
            ...query,
            where: {
              ...(args.where?.owner == null ? {} : { owner: args.where.owner }),
              ...(args.where?.done == null ? {} : { done: args.where.done }),
              ...(args.where?.minLevel == null ? {} : { level: { gte: args.where.minLevel } }),
            },
            orderBy: [...(args.orderBy?.level == null ? [] : [{ level: args.orderBy.level }]), { id: "asc" as const }],
            take: Math.min(args.take ?? defaultTake, maxTake),
          }),
      }),
    }),
  });

  builder.mutationType({
    fields: (t) => ({
      createTodo: t.prismaField({
        type: "Todo",
        args: { data: t.arg({ type: input, required: true }) },
        resolve: (query, _root, { data }) => prisma.todo.create({ ...query, data }),
      }),
    }),
  });

  return builder.toSchema();
}
