//! The value sets that an organisation has loaded, as the measure's codes.

use std::collections::{BTreeMap, BTreeSet};

use domain::cms50::{Codes, VALUE_SETS};
use ports::{Row, Statement};

use super::direct::is_named;
use super::sql;
use crate::auth::Credentials;
use crate::http::Problem;
use crate::json::from_text;

/// How deep value sets are followed through others that they name.
const DEPTH_MAX: usize = 8;

/// The value sets that are at hand, by key.
#[derive(Debug, Default)]
pub(crate) struct Loaded(BTreeMap<String, One>);

#[derive(Debug)]
struct One {
    codes: BTreeMap<String, Vec<String>>,
    members: Vec<String>,
}

/// Reads the stored ones of the caller's organisation that the measure needs.
pub(crate) fn statement(credentials: &Credentials) -> Statement {
    let keys: Vec<&str> = VALUE_SETS.iter().map(|set| set.oid).collect();
    let keys = serde_json::Value::from(keys).to_string();
    Statement::new(sql::VALUE_SETS, [credentials.hash().into(), keys.into()])
}

impl Loaded {
    /// From the rows of [`statement`].
    ///
    /// # Errors
    /// [`Problem::Internal`] when a row is not what we write.
    pub(crate) fn from_rows(rows: &[Row]) -> Result<Self, Problem> {
        let mut loaded = Self::default();
        for row in rows {
            let one = One {
                codes: from_text(row.text("set_codes").unwrap_or_default())?,
                members: from_text(row.text("set_members").unwrap_or_default())?,
            };
            let key = row.text("set_key").unwrap_or_default();
            loaded.0.insert(key.to_owned(), one);
        }
        Ok(loaded)
    }

    /// Puts one in the place of a stored one.
    pub(crate) fn put(
        &mut self,
        key: String,
        codes: BTreeSet<(String, String)>,
        members: BTreeSet<String>,
    ) {
        let mut by_system: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (system, code) in codes {
            by_system.entry(system).or_default().push(code);
        }
        let one = One {
            codes: by_system,
            members: members.into_iter().collect(),
        };
        self.0.insert(key, one);
    }

    /// Takes one away.
    pub(crate) fn remove(&mut self, key: &str) {
        self.0.remove(key);
    }

    /// The keys that the measure needs, through others too, and that are not there.
    pub(crate) fn lacking(&self) -> BTreeSet<&str> {
        let mut lacking = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut left: Vec<&str> = VALUE_SETS.iter().map(|set| set.oid).collect();
        while let Some(key) = left.pop() {
            match self.0.get(key) {
                None => {
                    lacking.insert(key);
                }
                Some(one) if seen.insert(key) => {
                    left.extend(one.members.iter().map(String::as_str));
                }
                Some(_) => {}
            }
        }
        lacking
    }

    /// As the measure looks codes up. One that names another which is not there is not there either: it would lack codes.
    pub(crate) fn codes(&self) -> Codes {
        let mut codes = Codes::new(is_named);
        for set in VALUE_SETS {
            if let Some(parts) = self.parts(set.oid, DEPTH_MAX) {
                let all = parts.iter().flat_map(|one| &one.codes);
                codes.load(
                    set.oid,
                    all.flat_map(|(system, of_system)| {
                        of_system
                            .iter()
                            .map(|code| (system.as_str(), code.as_str()))
                    }),
                );
            }
        }
        codes
    }

    /// A value set and all those that it names; `None` where one of them is not there.
    fn parts(&self, key: &str, depth: usize) -> Option<Vec<&One>> {
        let one = self.0.get(key)?;
        let mut parts = vec![one];
        for member in &one.members {
            parts.extend(self.parts(member, depth.checked_sub(1)?)?);
        }
        Some(parts)
    }
}
