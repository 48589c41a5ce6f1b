//! Security labels and notices: what restricts use travels with the referral, as an item that everyone sees.
//!
//! A record of substance-use treatment must travel with its notice (42 CFR 2.32); other labels may mean as much to whoever
//! gets them. They are kept as they came and written again as `meta.security` (FHIR R4, Security labels).

use std::collections::{BTreeMap, BTreeSet};

use domain::request::{Free, Supporting, SupportingKind};
use domain::time::Date;

use super::reader::Reader;
use super::supporting::Found;

/// What the item is called.
pub const LABELS: &str = "Security labels: restrictions on use and redisclosure";

/// How many different labels are kept. Ours: code systems of labels are short.
const LABELS_MAX: usize = 100;

impl<'a> Reader<'_, 'a> {
    /// Gathers the labels of every resource that came.
    pub fn take_labels(&mut self, day: Option<Date>, found: &mut Found<'a>) {
        let mut seen = BTreeSet::new();
        let mut labels = Vec::new();
        let mut first = None;
        for label in &self.index.labels {
            let key = (
                label.text("system"),
                label.text("code"),
                label.text("display"),
            );
            if labels.len() >= LABELS_MAX {
                break;
            }
            if key != (None, None, None) && seen.insert(key) {
                first.get_or_insert_with(|| label.at.clone());
                let (system, code, display) = key;
                let parts = [("system", system), ("code", code), ("display", display)];
                let parts: BTreeMap<String, Free> = parts
                    .into_iter()
                    .filter_map(|(name, text)| {
                        Some((name.to_owned(), Free::Text(text?.to_owned())))
                    })
                    .collect();
                labels.push(Free::Object(parts));
            }
        }
        let Some(first) = first else {
            return;
        };
        let Some(date) = day else {
            self.fault(
                first,
                "required",
                "needs a date to be kept with: the request's authoredOn",
            );
            return;
        };
        found.items.push(Supporting {
            kind: SupportingKind::Note,
            code: None,
            display: LABELS.to_owned(),
            date,
            value: Some(Free::Object(
                [("security".to_owned(), Free::List(labels))].into(),
            )),
            url: None,
        });
    }
}
