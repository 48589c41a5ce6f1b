//! The SQL that `wrangler d1 export` writes: tables with their rows in columns that are stored, then indexes; line breaks of a
//! text by `replace` and `char`. After D1's own exporter, as miniflare 4 has it.

use rusqlite::Connection;
use rusqlite::types::ValueRef;

/// The whole database as one text.
pub fn dump(connection: &Connection) -> String {
    let mut lines = vec!["PRAGMA defer_foreign_keys=TRUE;".to_owned()];
    let tables = "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql IS NOT NULL ORDER BY rowid";
    for (name, sql) in pairs(connection, tables) {
        lines.push(format!("{sql};"));
        rows(connection, &name, &mut lines);
    }
    let others = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND type IN ('index', 'trigger', 'view')";
    lines.extend(
        pairs(connection, others)
            .into_iter()
            .map(|(_, sql)| format!("{sql};")),
    );
    lines.join("\n")
}

fn pairs(connection: &Connection, sql: &str) -> Vec<(String, String)> {
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

fn rows(connection: &Connection, table: &str, lines: &mut Vec<String>) {
    // Leaves generated columns out.
    let sql = format!("SELECT name, type FROM pragma_table_info('{table}')");
    let columns: Vec<_> = pairs(connection, &sql)
        .into_iter()
        .map(|(name, _)| format!("\"{name}\""))
        .collect();
    let columns = columns.join(",");
    let mut statement = connection
        .prepare(&format!("SELECT {columns} FROM \"{table}\""))
        .unwrap();
    let width = statement.column_count();
    let mut rows = statement.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let cells = (0..width).map(|index| cell(row.get_ref(index).unwrap()));
        let cells: Vec<_> = cells.collect();
        lines.push(format!(
            "INSERT INTO \"{table}\" ({columns}) VALUES({});",
            cells.join(",")
        ));
    }
}

fn cell(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(bytes) => quoted(std::str::from_utf8(bytes).unwrap()),
        ValueRef::Blob(bytes) => {
            let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("X'{digits}'")
        }
    }
}

fn quoted(text: &str) -> String {
    let escaped = text
        .replace('\'', "''")
        .replace('\n', "\\n")
        .replace('\r', "\\r");
    let mut quoted = format!("'{escaped}'");
    for (found, escape, code) in [('\r', "\\r", 13), ('\n', "\\n", 10)] {
        if text.contains(found) {
            quoted = format!("replace({quoted},'{escape}',char({code}))");
        }
    }
    quoted
}
