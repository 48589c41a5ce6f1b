//! What a message asks for, and what has to be read before it can be done.

use domain::payload::Document;
use domain::time_zone::TimeZone;
use formats::said::{Happened, NewReferral, PartyName, Said};
use ports::{Answer, Platform, Statement};
use serde_json::{Value, json};

use super::matching;
use crate::auth::Credentials;
use crate::call::Call;
use crate::http::{Fault, Problem};
use crate::ids;
use crate::intake::reading::{self, Asked};
use crate::json::to_value;
use crate::recipients;
use crate::referrals::Key;
use crate::status::{Incoming, destination, selector_of};

/// How far apart two readings of a time without an offset can be: from UTC-12 to UTC+14 is 26 hours.
const ZONES_APART_MS: i64 = 26 * 60 * 60 * 1_000;

/// A document that a message carries.
#[derive(Debug, Clone)]
pub(super) struct Attached {
    /// The URL under which what the message says names it; `None` where the message's outcome has it without naming it.
    pub(super) url: Option<String>,
    pub(super) media_type: String,
    pub(super) bytes: Vec<u8>,
}

/// What a message says, and what comes with it.
pub(super) struct Spoken {
    pub(super) said: Said,
    pub(super) documents: Vec<Attached>,
}

/// A message on its way in.
pub(super) trait Sayable: Send + Sync {
    /// What it says, where times without an offset are those of `zone`.
    ///
    /// # Errors
    /// [`Problem::Invalid`] with every fault.
    fn say(&self, zone: Option<&TimeZone>) -> Result<Spoken, Problem>;
}

/// What a message asks for, well formed.
pub(super) enum Work {
    /// A referral to be made.
    Refer { asked: Box<Asked>, party: PartyName },
    /// An event to be stored.
    Tell(Box<Telling>),
}

pub(super) struct Telling {
    pub(super) happened: Happened,
    /// When it happened, as far as it says so, else when it came: in milliseconds.
    pub(super) at_ms: i64,
    pub(super) incoming: Incoming,
    /// As it is kept where the message fits no referral.
    pub(super) body: Value,
    /// With the ids that an outcome names them by.
    pub(super) documents: Vec<(String, Attached)>,
}

impl Work {
    pub(super) fn of<P: Platform>(
        sayable: &impl Sayable,
        zone: Option<&TimeZone>,
        call: &Call<P>,
    ) -> Result<Self, Problem> {
        let Spoken { said, documents } = sayable.say(zone)?;
        match said {
            Said::Referral(new) => {
                let NewReferral {
                    request, recipient, ..
                } = *new;
                Ok(Self::Refer {
                    asked: Box::new(Asked::of_request(request, is_member(&recipient), call.now)?),
                    party: recipient,
                })
            }
            Said::Event(mut happened) => {
                let mut stored = Vec::new();
                // What names none keeps them in the message, which can be read back.
                let kind = happened.kind;
                if let Some(listed) = happened.data.documents_of(kind) {
                    for document in documents {
                        let id = ids::new_id("doc", &call.platform);
                        let named = listed.iter_mut().find(|named| {
                            matches!((named, &document.url), (Document::Linked { url, .. }, Some(own)) if url == own)
                        });
                        match (named, &document.url) {
                            (Some(named), _) => *named = Document::Stored(id.clone()),
                            (None, None) => listed.push(Document::Stored(id.clone())),
                            (None, Some(_)) => continue,
                        }
                        stored.push((id, document));
                    }
                }
                let mut data = to_value(&happened.data)?;
                if let (Value::Object(members), Some(at)) = (&mut data, happened.occurred_at) {
                    members.insert("occurred_at".to_owned(), at.to_string().into());
                }
                let body = json!({"type": happened.kind.as_str(), "data": data});
                Ok(Self::Tell(Box::new(Telling {
                    at_ms: happened.occurred_at.unwrap_or(call.now).as_millisecond(),
                    incoming: Incoming::read_message(&body, call.now)?,
                    happened: *happened,
                    body,
                    documents: stored,
                })))
            }
        }
    }

    pub(super) fn statements(&self, credentials: &Credentials) -> Vec<Statement> {
        match self {
            Self::Refer { asked, party } => {
                let mut statements = reading::statements(credentials, Some(asked));
                if let (true, Some(offer)) = (is_member(party), statements.get_mut(OFFER)) {
                    *offer = recipients::statement_by_names(
                        credentials.hash(),
                        &party.identifiers,
                        party.id.as_deref(),
                        party.service.as_deref(),
                    );
                }
                statements
            }
            Self::Tell(work) => {
                let incoming = Some(&work.incoming);
                let selector = selector_of(Key::Id(String::new()), incoming);
                let mut statements = vec![credentials.statement()];
                statements.extend(matching::statements(
                    credentials.hash(),
                    &work.happened.about,
                    work.happened.patient.as_ref(),
                    Some(work.at_ms),
                    selector
                        .events_from_ms
                        .map(|from| from.saturating_sub(ZONES_APART_MS)),
                ));
                statements.push(recipients::statement(destination(incoming)));
                statements
            }
        }
    }
}

/// Where [`reading::statements`] reads the recipient's offer.
const OFFER: usize = 1;

/// Whether the recipient is named as an organisation of the network is.
pub(super) fn is_member(party: &PartyName) -> bool {
    party.id.is_some() || !party.identifiers.is_empty()
}

/// The organisation that the recipient's names mean.
pub(super) fn named_recipient(answer: &Answer) -> Result<String, Problem> {
    let fault = |code, detail| {
        let pointer = "/recipient/organization";
        Problem::Invalid(vec![Fault::at(pointer, code, detail)])
    };
    match answer.rows(OFFER) {
        [row] => Ok(row
            .text("offer_organization")
            .unwrap_or_default()
            .to_owned()),
        [] => Err(fault(
            "unknown",
            "must be an organisation of the network, by an identifier that its directory has",
        )),
        _ => Err(fault(
            "ambiguous",
            "names several organisations of the network",
        )),
    }
}
