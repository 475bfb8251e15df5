import { execute } from "./postgres.ts";

/**
 * From now on, writers' transactions stay open at random for up to 20 ms before they take the log's lock, and up to 2 ms behind
 * it, so that they would commit out of order if they could. Before any gateway makes its indexes: a trigger and an index that is
 * made concurrently wait for each other.
 */
export function holdTransactions(databaseUrl: string): Promise<void> {
  return execute(databaseUrl, triggers);
}

const triggers = `
  create function hold() returns trigger language plpgsql as $$
  begin perform pg_sleep(random() * tg_argv[0]::float8); return null; end $$;
  create trigger hold_head after insert or update on weft_head for each statement execute function hold('0.02');
  create trigger hold_change after insert on weft_change for each statement execute function hold('0.002')`;
