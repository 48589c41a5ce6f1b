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
      const results = await DB.batch(statements.map(({ real }) => real));
      await TAPE.fetch("http://tape/", {
        method: "POST",
        body: JSON.stringify({
          statements: statements.map(({ sql, parameters }) => ({ sql, parameters })),
          rowsWritten: results.reduce((sum, { meta }) => sum + meta.rows_written, 0),
        }),
      });
      return results;
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
