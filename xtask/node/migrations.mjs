/**
 * Brings a D1 database up to date from migrations/*.sql. The books are kept where `wrangler d1 migrations` keeps its own
 * (table and columns), so that both can be used on the same data.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const BOOKS = `CREATE TABLE IF NOT EXISTS d1_migrations(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`;

/**
 * Applies the files that the database has not seen, in the order of their names, each in one transaction.
 *
 * @param {D1Database} database the database
 * @param {string} folder where the numbered .sql files are
 * @returns {Promise<string[]>} the names of those applied now
 */
export async function migrate(database, folder) {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  await database.prepare(BOOKS).run();
  const { results } = await database.prepare("SELECT name FROM d1_migrations").all();
  const applied = new Set(results.map((row) => row.name));
  const fresh = files.filter((name) => !applied.has(name));
  for (const name of fresh) {
    const text = await readFile(join(folder, name), "utf8");
    try {
      // The local database runs every statement of a text; the row of the books makes it one transaction with them.
      await database.batch([
        database.prepare(text),
        database.prepare("INSERT INTO d1_migrations (name) VALUES (?1)").bind(name),
      ]);
    } catch (error) {
      throw new Error(`${join(folder, name)}: ${error.message}`, { cause: error });
    }
  }
  return fresh;
}
