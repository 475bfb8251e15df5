import pg from "pg";

/** Runs on a connection of its own. */
export async function withClient<Result>(url: string, use: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** @returns the new database's URL */
export async function createDatabase(serverUrl: string, name: string): Promise<string> {
  await withClient(serverUrl, (client) => client.query(`CREATE DATABASE "${name}"`));
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** What a benchmark of writes must not be without. */
export async function checkDurability(serverUrl: string): Promise<void> {
  await withClient(serverUrl, async (client) => {
    for (const setting of ["fsync", "synchronous_commit"]) {
      const { rows } = await client.query(`SHOW ${setting}`);
      if (rows[0]?.[setting] !== "on") throw new Error(`PostgreSQL runs with ${setting} = ${rows[0]?.[setting]}`);
    }
  });
}
