/**
 * Loads rows into the local D1 before the functions are served on it.
 *
 *     node load.mjs --root DIR --persist DIR --rows FILE
 *
 * A line of FILE is `{"sql": an INSERT, "rows": [its parameters, …]}`; what is `{"bytes": hexadecimal}` is bytes. Where there are
 * organisations already it loads nothing and fails: it is for a database that nobody has used yet. The rows of that table come
 * last, so that a load that was cut off is run again.
 */
import { createReadStream } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { Miniflare } from "miniflare";
import { migrate } from "./migrations.mjs";
import { readWrangler } from "./workers.mjs";

const { values: options } = parseArgs({
  options: { root: { type: "string" }, persist: { type: "string" }, rows: { type: "string" } },
});
const root = resolve(options.root);
const { settings } = await readWrangler(join(root, "functions/directory/wrangler.toml"));
const [{ binding, database_id: id }] = settings.d1_databases;
const miniflare = new Miniflare({
  cf: false,
  modules: true,
  script: "export default {}",
  d1Databases: { [binding]: id },
  d1Persist: join(resolve(options.persist), "d1"),
});

try {
  const database = await miniflare.getD1Database(binding);
  await migrate(database, join(root, "migrations"));
  const { any } = await database.prepare("SELECT EXISTS (SELECT 1 FROM organizations) AS any").first();
  if (any) throw new Error("the database is in use already");
  for await (const line of createInterface({ input: createReadStream(options.rows) })) {
    const { sql, rows } = JSON.parse(line);
    await database.batch(rows.map((row) => database.prepare(sql).bind(...row.map(parameter))));
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await miniflare.dispose();
}

function parameter(value) {
  return value?.bytes === undefined ? value : Uint8Array.from(Buffer.from(value.bytes, "hex"));
}
