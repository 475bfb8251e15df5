/** The same rows for both: through weft's own API, whose history comes with them, and by SQL into the rival's table. */
import { withClient } from "./database.ts";
import { runLoad } from "./load.ts";
import { rowAt, rowId } from "./rows.ts";

const connections = 32;
const rowsPerInsert = 1_000;

export async function seedWeft(port: number, rowCount: number): Promise<void> {
  const query =
    "mutation ($id: ID!, $data: TodoInput!) { createTodo(resourceId: $id, data: $data) { meta { resourceId } } }";
  let index = 0;
  const next = () => {
    const id = `todo:${rowId(index)}`;
    const body = JSON.stringify({ query, variables: { id, data: rowAt(index++) } });
    const verify = (answer: string): void => {
      if (!answer.includes(`"resourceId":"${id}"`)) throw new Error(`not created: ${answer.slice(0, 500)}`);
    };
    return { body, verify };
  };
  await runLoad({ port, path: "/graphql", connections, next, until: { requests: rowCount } });
}

export async function seedRival(url: string, schemaSql: string, rowCount: number): Promise<void> {
  await withClient(url, async (client) => {
    await client.query(schemaSql);
    for (let start = 0; start < rowCount; start += rowsPerInsert) {
      const size = Math.min(rowsPerInsert, rowCount - start);
      const rows = Array.from({ length: size }, (_, offset) => ({
        id: rowId(start + offset),
        ...rowAt(start + offset),
      }));
      await client.query(
        `INSERT INTO todo (id, title, description, level, done, owner, tags, updated_at)
         SELECT id, title, description, level, done, owner, ARRAY(SELECT jsonb_array_elements_text(tags)), now()
         FROM jsonb_to_recordset($1::jsonb)
           AS row (id text, title text, description text, level int, done boolean, owner text, tags jsonb)`,
        [JSON.stringify(rows)],
      );
    }
  });
}
