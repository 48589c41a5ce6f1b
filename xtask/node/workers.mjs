/**
 * Miniflare's options, read from the wrangler.toml files: they stay the one truth of what a Worker is bound to.
 * Takes what these files use today and refuses a binding that it does not know, so that none is left out in silence.
 */
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { parse } from "smol-toml";

/** What miniflare's workerd has to be told about a Worker; everything else in a wrangler.toml is for deployment. */
const BINDINGS_KNOWN = ["d1_databases", "services", "secrets", "vars"];
const SETTINGS_KNOWN = ["name", "main", "compatibility_date", "compatibility_flags", "triggers"];
const FOR_DEPLOYMENT = ["workers_dev", "preview_urls", "build", "observability", "routes", "limits", "placement"];

/** Asked for wherever MASTER_KEY is, but never required: there is none before the first change of keys. */
const SECRETS_OPTIONAL = { MASTER_KEY_PREVIOUS: "MASTER_KEY" };

/**
 * Reads one wrangler.toml.
 *
 * @param {string} path the file
 * @returns {Promise<{directory: string, settings: object}>} the folder that its paths are relative to, and its content
 */
export async function readWrangler(path) {
  const settings = parse(await readFile(path, "utf8"));
  const known = [...BINDINGS_KNOWN, ...SETTINGS_KNOWN, ...FOR_DEPLOYMENT];
  const unknown = Object.keys(settings).filter((key) => !known.includes(key));
  if (unknown.length > 0) {
    throw new Error(`${path}: the local server does not know ${unknown.join(", ")}; see xtask/node/workers.mjs`);
  }
  return { directory: dirname(resolve(path)), settings };
}

/**
 * One Worker's options for miniflare.
 *
 * @param {{directory: string, settings: object}} wrangler what {@link readWrangler} gave
 * @param {Record<string, string | undefined>} secrets the values that are there, by name: secrets, and variables that win
 * @param {string[]} deployed the names of the Workers that run beside it
 * @returns {object} an entry of miniflare's `workers`
 */
export function workerOptions({ directory, settings }, secrets, deployed) {
  const built = dirname(join(directory, settings.main));
  return {
    name: settings.name,
    rootPath: built,
    modules: [
      { type: "ESModule", path: join(built, "index.js") },
      { type: "CompiledWasm", path: join(built, "index_bg.wasm") },
    ],
    modulesRoot: built,
    compatibilityDate: settings.compatibility_date,
    compatibilityFlags: settings.compatibility_flags ?? [],
    bindings: { ...variables(settings.vars, secrets), ...secretBindings(settings.secrets?.required ?? [], secrets) },
    d1Databases: Object.fromEntries(
      (settings.d1_databases ?? []).map((database) => [database.binding, database.database_id]),
    ),
    // A Worker that does not run here has no binding, as on Cloudflare before it is deployed.
    serviceBindings: Object.fromEntries(
      (settings.services ?? [])
        .filter((binding) => deployed.includes(binding.service))
        .map((binding) => [binding.binding, binding.service]),
    ),
  };
}

/** The variables of a wrangler.toml; one that is set in the environment wins, as with `wrangler deploy --var`. */
function variables(vars = {}, environment) {
  return Object.fromEntries(Object.entries(vars).map(([name, value]) => [name, environment[name] ?? value]));
}

function secretBindings(required, secrets) {
  const optional = Object.keys(SECRETS_OPTIONAL).filter((name) => required.includes(SECRETS_OPTIONAL[name]));
  return Object.fromEntries(
    [...required, ...optional].filter((name) => secrets[name]).map((name) => [name, secrets[name]]),
  );
}
