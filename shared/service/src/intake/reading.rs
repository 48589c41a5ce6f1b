//! What intake must know before it takes a referral in, read in one trip.

use std::sync::Arc;

use domain::checklist;
use domain::event::{Author, Event};
use domain::fold::fold;
use domain::kind::EventKind;
use domain::merges::Merge;
use domain::payload::{Payload, Sent};
use domain::policy::Policy;
use domain::referral::Referral;
use domain::request::{Recipient, Request, Urgency};
use domain::time::{SignedDuration, Timestamp};
use ports::{Answer, Platform, Row, Statement};
use serde_json::{Value, json};

use super::candidates::Wanted;
use super::{draft, routing};
use crate::auth::{Credentials, Member};
use crate::call::{Call, read};
use crate::http::{Fault, Place, Problem};
use crate::json::{from_text, to_value};
use crate::merges::{self, Renamed};
use crate::recipients::{self, Offer};
use crate::referrals::{Evaluated, Link, Record, patient_key};

/// How many possible duplicates are pointed out.
const DUPLICATES_MAX: usize = 50;

/// The network's policy, by the primary keys of all three tables.
const POLICY: &str = "
SELECT n.policy FROM keys k JOIN organizations o ON o.id = k.organization_id JOIN networks n ON n.id = o.network
WHERE k.hash = ?1";

/// Open referrals of a patient that the caller may see, under the id that stands for the one given: by the primary key of `merged_patients` and
/// by `referrals_by_patient`.
const DUPLICATES: &str = "
SELECT id AS duplicate_id, specialty AS duplicate_specialty, service AS duplicate_service, recipient AS duplicate_recipient
FROM referrals
WHERE patient_key = coalesce((SELECT survivor_key FROM merged_patients
    WHERE organization = (SELECT organization_id FROM keys WHERE hash = ?2) AND patient_key = ?1), ?1) AND turn IS NOT NULL
  AND (SELECT organization_id FROM keys WHERE hash = ?2) IN (referrer, recipient)
ORDER BY id LIMIT 200";

/// The referral that has the placer's id already, by the primary key.
const PLACER: &str = "
SELECT referral_id AS placer_referral FROM referral_identifiers
WHERE system = ?1 AND value = ?2 AND organization = (SELECT organization_id FROM keys WHERE hash = ?3)";

/// Who stands in a request as its recipient until one is chosen: the id of no organisation.
pub(super) const NOBODY: &str = "";

/// How many statements [`statements`] gives.
pub(crate) const STATEMENTS: usize = 6;

/// The body of a request.
#[derive(Clone)]
pub(crate) struct Asked {
    /// The request; where a recipient is wanted, nobody is its recipient yet.
    request: Request,
    /// What is wanted of a recipient that is not named.
    wanted: Option<Wanted>,
}

impl Asked {
    /// A request that came otherwise than as a body of JSON. Where `is_named`, a message names who receives it, and who stands
    /// in the request is replaced by [`Asked::send_to`].
    ///
    /// # Errors
    /// [`Problem::Invalid`] for what would be a fault in a body of JSON, at its place there.
    pub(crate) fn of_request(
        request: Request,
        is_named: bool,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let body = to_value(&request)?;
        let mut faults = crate::referrals::REQUEST.faults(&body);
        faults.extend(beyond_the_shape(&body, now));
        if is_named {
            faults.retain(|fault| {
                !matches!(&fault.place, Place::Body(pointer) if pointer.starts_with("/recipient"))
            });
        }
        Problem::unless_empty(faults)?;
        Ok(Self {
            request,
            wanted: None,
        })
    }

    /// Says who receives it: what the directory has found for the identifiers that a message gives.
    pub(crate) fn send_to(&mut self, organization: String, service: Option<String>) {
        self.request.recipient = Recipient::Member {
            organization,
            service,
        };
    }
}

/// Reads the body of the call.
///
/// # Errors
/// What [`Call::json`] says, and [`Problem::Invalid`] for what its shape does not show.
pub(super) fn asked<P: Platform>(call: &Call<P>) -> Result<Asked, Problem> {
    let body = call.json_unchecked()?;
    Problem::unless_empty(faults(call, &body))?;
    read_request(body)
}

/// Reads the body of the call though it has faults: what is right in it, and the faults.
///
/// # Errors
/// What [`Call::json_unchecked`] says.
pub(super) fn drafted<P: Platform>(call: &Call<P>) -> Result<(Asked, Vec<Fault>), Problem> {
    let body = call.json_unchecked()?;
    let faults = faults(call, &body);
    let asked = read_request(draft::without_faults(body, &faults))?;
    Ok((asked, faults))
}

fn faults<P: Platform>(call: &Call<P>, body: &Value) -> Vec<Fault> {
    let shape = call.route.request;
    let mut faults = shape.map(|shape| shape.faults(body)).unwrap_or_default();
    faults.extend(beyond_the_shape(body, call.now));
    faults
}

fn read_request(mut body: Value) -> Result<Asked, Problem> {
    let route = body.get("route").filter(|route| !route.is_null()).cloned();
    if let (Some(_), Value::Object(members)) = (&route, &mut body) {
        members.insert("recipient".to_owned(), json!({"organization": NOBODY}));
    }
    let mut request: Request = read(body)?;
    // Ours to say.
    request.routed = None;
    Ok(Asked {
        wanted: route.map(|route| Wanted::of_route(&route, &request)),
        request,
    })
}

fn beyond_the_shape(body: &Value, now: Timestamp) -> Vec<Fault> {
    let today = now.date();
    let mut faults = Vec::new();
    if let Some(recipient) = body
        .get("recipient")
        .filter(|recipient| recipient.is_object())
    {
        faults.extend(recipients::faults(Some(recipient), "/recipient"));
    }
    let has = |name| body.get(name).is_some_and(|member| !member.is_null());
    match (body.is_object(), has("recipient"), has("route")) {
        (true, false, false) => faults.push(Fault::at(
            "/recipient",
            "required",
            "is required, or route for the best fit of a specialty",
        )),
        (true, true, true) => faults.push(Fault::at(
            "/route",
            "ambiguous",
            "must not stand beside recipient",
        )),
        _ => {}
    }
    let birth_date = body
        .pointer("/patient/birth_date")
        .and_then(Value::as_str)
        .and_then(|text| text.parse::<domain::time::Date>().ok());
    if birth_date.is_some_and(|date| date > today) {
        faults.push(Fault::at(
            "/patient/birth_date",
            "in-the-future",
            "must not be in the future",
        ));
    }
    let ordered_at = body
        .get("ordered_at")
        .and_then(Value::as_str)
        .and_then(|text| text.parse::<Timestamp>().ok());
    if ordered_at.is_some_and(|at| at > now) {
        faults.push(Fault::at(
            "/ordered_at",
            "in-the-future",
            "must not be in the future",
        ));
    }
    faults
}

/// The statements of the read batch, the caller's key first.
pub(crate) fn statements(credentials: &Credentials, asked: Option<&Asked>) -> Vec<Statement> {
    let request = asked.map(|asked| &asked.request);
    let patient = request.map(|request| patient_key(&request.patient.identifier));
    let placer = request.and_then(|request| request.placer.as_ref());
    vec![
        credentials.statement(),
        match asked.and_then(|asked| asked.wanted.as_ref()) {
            Some(wanted) => wanted.statement(credentials),
            None => recipients::statement(request.map(|request| &request.recipient)),
        },
        policy_statement(credentials),
        Statement::new(DUPLICATES, [patient.into(), credentials.hash().into()]),
        Statement::new(
            PLACER,
            [
                placer
                    .map(|placer| placer.system.as_str().to_owned())
                    .into(),
                placer.map(|placer| placer.value.as_str().to_owned()).into(),
                credentials.hash().into(),
            ],
        ),
        merges::survivor_statement(
            credentials.hash(),
            request.map(|request| &request.patient.identifier),
        ),
    ]
}

/// Reads the policy of the caller's network, for [`policy`].
pub(crate) fn policy_statement(credentials: &Credentials) -> Statement {
    Statement::new(POLICY, [credentials.hash().into()])
}

/// By which door a request came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Came<'a> {
    /// `api`, or a format's name.
    pub(crate) source: &'static str,
    /// The id of the message that it came in.
    pub(crate) source_id: Option<&'a str>,
}

impl Came<'_> {
    /// As a body of JSON.
    pub(crate) const AS_JSON: Self = Self {
        source: "api",
        source_id: None,
    };
}

/// A request with the recipient that it goes to, and what that takes.
pub(super) struct Found {
    pub(super) request: Request,
    pub(super) offer: Offer,
}

impl Found {
    /// Finds the recipient in what was read.
    ///
    /// # Errors
    /// [`Problem::Invalid`] when the recipient is unknown or none fits, [`Problem::RecipientInactive`], [`Problem::Taken`]
    /// when the placer's id is.
    pub(super) fn new(
        asked: Asked,
        member: &Member,
        answer: &Answer,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let mut request = asked.request;
        let offer = match &asked.wanted {
            Some(wanted) => {
                let chosen =
                    routing::choose(wanted, answer.rows(1), &policy(answer.first(2))?, now)?;
                request.routed = Some(chosen.routed);
                chosen.offer
            }
            None => Offer::from_row(
                request.recipient.clone(),
                answer.first(1),
                &member.network,
                "/recipient",
            )?,
        };
        if answer.first(4).is_some() {
            return Err(Problem::Taken {
                what: "the placer's identifier",
            });
        }
        request.recipient = offer.recipient.clone();
        Ok(Self { request, offer })
    }

    /// The request though its recipient is not known: nothing is known of what that takes.
    pub(super) fn nobody(asked: Asked) -> Self {
        Self {
            offer: Offer::unknown(asked.request.recipient.clone()),
            request: asked.request,
        }
    }
}

/// A referral that may be stored.
pub(crate) struct Prepared {
    /// That it was sent; and where its patient was merged before, the id that stands for the one that it came with.
    pub(crate) events: Vec<Event>,
    pub(crate) referral: Referral,
    pub(crate) request: Request,
    pub(crate) evaluated: Evaluated,
    pub(crate) policy: Policy,
}

impl Prepared {
    /// Makes the referral from the request and what was read.
    ///
    /// # Errors
    /// What [`Found::new`] says, and [`Problem::RequirementsMissing`] with every requirement that holds it up.
    pub(crate) fn new(
        asked: Asked,
        member: &Member,
        answer: &Answer,
        id: &str,
        suffix: &str,
        came: Came<'_>,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let found = Found::new(asked, member, answer, now)?;
        unless_missing(&found.request, &found.offer, now)?;
        Self::of(found, member, answer, id, suffix, came, now)
    }

    /// Makes the referral, whatever holds it up.
    pub(super) fn of(
        found: Found,
        member: &Member,
        answer: &Answer,
        id: &str,
        suffix: &str,
        came: Came<'_>,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let Found { request, offer } = found;
        let mut policy = policy(answer.first(2))?;
        policy.service = offer.limits.clone();
        let patient = request.patient.identifier.clone();
        let follows = request.follows.clone();
        let event = Event {
            id: format!("{id}.{suffix}"),
            kind: EventKind::ReferralSent,
            by: Author {
                organization: Some(member.organization.clone()),
                side: Some(domain::status::Side::Referrer),
                label: member.label.clone(),
            },
            occurred_at: now,
            recorded_at: now,
            source: came.source.to_owned(),
            source_id: came.source_id.map(str::to_owned),
            reported_by: None,
            implied_by: None,
            implied_step: None,
            implied_because: None,
            data: Arc::new(Payload::Sent(Box::new(Sent {
                request,
                referrer: member.organization.clone(),
                network: member.network.clone(),
                specialty: offer.specialty.clone(),
                possible_duplicates: duplicates(answer.rows(3), &offer, follows.as_deref()),
                requirements: offer.requirements,
            }))),
        };
        let mut events = vec![event];
        if let Some((to, message_id)) = merges::survivor(answer.first(5)) {
            let renamed = Renamed {
                merge: Merge { from: patient, to },
                message_id,
                label: member.label.clone(),
            };
            let at = now.plus(SignedDuration::from_millis(1));
            let event = renamed.event(format!("{id}.{suffix}-m"), &member.organization, at, now);
            events.push(event);
        }
        let folded =
            fold(&events).ok_or_else(|| Problem::internal("a first event made no referral"))?;
        Ok(Self {
            evaluated: Evaluated::new(&folded.referral, &policy, Default::default(), now),
            referral: folded.referral,
            request: folded.request,
            events,
            policy,
        })
    }

    /// The first links of its chain.
    ///
    /// # Errors
    /// As [`Link::new`].
    pub(crate) fn links(&self, id: &str) -> Result<Vec<Link>, Problem> {
        Link::chain(id, 0, "", &self.events)
    }

    /// The referral as it would stand in its row.
    pub(crate) fn record(&self, id: &str, tail_hash: &str) -> Record {
        Record {
            id: id.to_owned(),
            version: i64::try_from(self.events.len()).unwrap_or_default(),
            tail_hash: tail_hash.to_owned(),
            referral: self.referral.clone(),
            request: None,
            clocks: self.evaluated.clocks.clone(),
            attention: self.evaluated.attention.clone(),
            points: self.evaluated.priority.points,
            next_due_at: self.evaluated.next_due_at,
            policy: self.policy.clone(),
            around: Default::default(),
            referrer_connected: true,
            recipient_connected: true,
        }
    }
}

/// The network's policy, or the default; with the limits of a service where they were read with it.
pub(super) fn policy(row: Option<&Row>) -> Result<Policy, Problem> {
    let column = |name| row.and_then(|row| row.text(name));
    let mut policy: Policy = column("policy").map_or(Ok(Policy::default()), from_text)?;
    if let Some(limits) = column("service_limits") {
        policy.service = from_text(limits)?;
    }
    Ok(policy)
}

/// An urgent referral goes through, and what is missing is chased; nothing of a request ever holds it up.
pub(super) fn unless_missing(
    request: &Request,
    offer: &Offer,
    now: Timestamp,
) -> Result<(), Problem> {
    if request.urgency != Urgency::Routine {
        return Ok(());
    }
    let today = now.date();
    let checks = checklist::check(
        &offer.requirements,
        &request.supporting,
        &request.overrides,
        today,
    );
    let missing: Vec<Value> = checks
        .iter()
        .filter(|check| check.blocks())
        .map(|check| {
            let why = match check.problem {
                Some(checklist::Problem::TooOld) => "too-old",
                _ => "missing",
            };
            json!({
                "pointer": "/supporting",
                "code": why,
                "requirement": check.id,
                "detail": format!("{}: {why}", check.display),
            })
        })
        .collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(Problem::RequirementsMissing(missing))
    }
}

/// Open referrals of the same patient to the same specialty, or where that is unknown to the same service. The one that it
/// follows is none.
fn duplicates(rows: &[Row], offer: &Offer, follows: Option<&str>) -> Vec<String> {
    rows.iter()
        .filter(|row| follows.is_none() || row.text("duplicate_id") != follows)
        .filter(|row| match &offer.specialty {
            Some(specialty) => row.text("duplicate_specialty") == Some(specialty),
            None => row.text("duplicate_recipient").is_none(),
        })
        .filter_map(|row| row.text("duplicate_id").map(str::to_owned))
        .take(DUPLICATES_MAX)
        .collect()
}
