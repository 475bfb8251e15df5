import { z } from "weft";

export const Priority = z.enum(["LOW", "NORMAL", "HIGH"]).meta({ id: "Priority" });

/**
 * A new item is a draft (`defaultStatus` in weft.config.ts): `modifyTodoItem` edits it in place until somebody sets its
 * status to STABLE. From then on its content is history: a change of mind is a new revision.
 */
export const TodoItem = z
  .object({
    title: z.string().min(1).max(200),
    notes: z.string().default(""),
    done: z.boolean().default(false),
    priority: Priority.default("NORMAL"),
    due: z.iso.datetime().nullable().default(null),
    tags: z.array(z.string()).default([]),
  })
  .describe("Something to be done.");
