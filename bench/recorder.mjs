/**
 * A D1 database that tells what is asked of it: stands in for a function's `DB` while one call is made. A wrapped binding, so
 * the function under measurement is the deployed one and knows nothing of it.
 */
export default function recordingDatabase({ DB, TAPE }) {
  return {
    prepare(sql) {
      return recorded(DB.prepare(sql), sql, []);
    },
    async batch(statements) {
      await TAPE.fetch("http://tape/", {
        method: "POST",
        body: JSON.stringify(statements.map(({ sql, parameters }) => ({ sql, parameters }))),
      });
      return DB.batch(statements.map(({ real }) => real));
    },
  };
}

function recorded(real, sql, parameters) {
  return {
    real,
    sql,
    parameters,
    bind: (...values) => recorded(real.bind(...values), sql, values),
  };
}
