//! What the messages of one round are written from: read in one batch, whatever their number.

use std::collections::HashMap;

use domain::request::Identifier;
use formats::hl7::Document;
use ports::{Platform, Row, Statement};
use serde_json::{Value, json};

use super::sql;
use crate::deliveries::{Format, Lease, Message};
use crate::http::Problem;
use crate::json::from_text;
use crate::metered::Metered;
use crate::referrals::Loaded;

/// The most bytes of documents that one round sends: what a Worker can hold beside them, once they are in base64. The rest waits for the next.
const DOCUMENT_BYTES_MAX: i64 = 8_000_000;

/// A Subscription as its notifications need it.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) base: String,
    pub(super) kept: Value,
    pub(super) events: i64,
    pub(super) ends_at: Option<i64>,
}

/// All that a round needs.
#[derive(Debug, Default)]
pub(super) struct Reading {
    formats: HashMap<String, Format>,
    subscriptions: HashMap<String, Told>,
    /// By endpoint, referral and number in the chain.
    numbers: HashMap<(String, String, i64), i64>,
    /// By organisation and referral.
    legs: HashMap<(String, String), u32>,
    referrals: HashMap<String, Loaded>,
    sites: HashMap<String, Vec<Identifier>>,
    documents: HashMap<String, Document>,
}

impl Reading {
    /// Numbers the events of Subscriptions, and reads.
    pub(super) async fn of<P: Platform>(
        platform: &Metered<P>,
        lease: &Lease,
    ) -> Result<Self, Problem> {
        let messages = lease.pairs.iter().flat_map(|pair| &pair.messages);
        let list: Vec<Value> = messages
            .map(|message| {
                json!({
                    "endpoint": message.endpoint,
                    "organization": message.organization,
                    "referral": message.referral,
                    "seq": message.seq,
                })
            })
            .collect();
        let list = Value::from(list).to_string();
        let of_list = |sql| Statement::new(sql, [list.as_str().into()]);
        let answer = platform
            .batch(vec![
                Statement::new(
                    sql::NUMBER,
                    [list.as_str().into(), lease.token.as_str().into()],
                ),
                of_list(sql::COUNT),
                of_list(sql::FORMATS),
                of_list(sql::LEGS),
                of_list(sql::RECORDS),
                of_list(sql::EVENTS),
                of_list(sql::SITES),
                Statement::new(
                    sql::DOCUMENTS,
                    [list.as_str().into(), DOCUMENT_BYTES_MAX.into()],
                ),
            ])
            .await?;
        let mut reading = Self::default();
        for row in answer.rows(0) {
            let key = (
                text(row, "numbered_endpoint"),
                text(row, "numbered_referral"),
                row.integer("numbered_seq").unwrap_or_default(),
            );
            reading
                .numbers
                .insert(key, row.integer("number").unwrap_or_default());
        }
        for row in answer.rows(2) {
            reading.add_format(row)?;
        }
        for row in answer.rows(3) {
            if let Some(leg) = row.integer("leg").and_then(|leg| u32::try_from(leg).ok()) {
                let key = (text(row, "leg_organization"), text(row, "leg_referral"));
                reading.legs.insert(key, leg);
            }
        }
        for loaded in Loaded::from_rows(answer.rows(4), answer.rows(5), &[])? {
            reading.referrals.insert(loaded.record.id.clone(), loaded);
        }
        for row in answer.rows(6) {
            let identifiers = row.text("site_identifiers").unwrap_or("[]");
            reading
                .sites
                .insert(text(row, "site"), from_text(identifiers)?);
        }
        for row in answer.rows(7) {
            let document = Document {
                title: String::new(),
                media_type: text(row, "media_type"),
                bytes: row.blob("content").map(<[u8]>::to_vec).unwrap_or_default(),
                when: None,
                said: 0,
            };
            reading.documents.insert(text(row, "document_id"), document);
        }
        Ok(reading)
    }

    fn add_format(&mut self, row: &Row) -> Result<(), Problem> {
        let endpoint = text(row, "format_endpoint");
        if let (Some(base), Some(document)) = (row.text("base"), row.text("document")) {
            let told = Told {
                base: base.to_owned(),
                kept: from_text(document)?,
                events: row.integer("events").unwrap_or_default(),
                ends_at: row.integer("ends_at"),
            };
            self.subscriptions.insert(endpoint.clone(), told);
        }
        self.formats
            .insert(endpoint, Format::parse(row.text("format")));
        Ok(())
    }

    pub(super) fn format(&self, message: &Message) -> Option<Format> {
        self.formats.get(&message.endpoint).copied()
    }

    pub(super) fn subscription(&self, message: &Message) -> Option<&Told> {
        self.subscriptions.get(&message.endpoint)
    }

    /// The number of an event: given in this round, or in an earlier one.
    pub(super) fn number(&self, message: &Message, body: &Value) -> i64 {
        let key = (
            message.endpoint.clone(),
            message.referral.clone(),
            message.seq,
        );
        let given = self.numbers.get(&key).copied();
        given
            .or_else(|| body.get("number").and_then(Value::as_i64))
            .unwrap_or_default()
    }

    /// The leg that the endpoint's organisation is told of.
    pub(super) fn leg(&self, message: &Message) -> Option<u32> {
        let key = (message.organization.clone(), message.referral.clone());
        self.legs.get(&key).copied()
    }

    pub(super) fn referral(&self, message: &Message) -> Option<&Loaded> {
        self.referrals.get(&message.referral)
    }

    /// How messages name an organisation.
    pub(super) fn identifiers(&self, organization: &str) -> &[Identifier] {
        self.sites.get(organization).map_or(&[], Vec::as_slice)
    }

    /// How many documents were read, for all messages.
    pub(super) fn documents_count(&self) -> usize {
        self.documents.len()
    }

    pub(super) fn document(&self, id: &str) -> Option<&Document> {
        self.documents.get(id)
    }
}

fn text(row: &Row, column: &str) -> String {
    row.text(column).unwrap_or_default().to_owned()
}
