//! One referral: where it stands and why, what to do next, the way it went against its limits, and everything that happened.
//!
//! One round trip: the referral with its events, the names in it, and the record that it is read, the same as of
//! `GET /worklist/referrals/{id}`. What it shows of the referral is made from what that route answers, and of the events it shows
//! those that the timeline shows to the reader.

mod codes;
mod events;
mod facts;
mod form;
mod parts;
mod recipients;
mod stages;
mod texts;
mod todo;
mod words;

use askama::Template;
use domain::attention::Attention;
use domain::course::course;
use domain::event::Event;
use domain::fold::{Fate, fold};
use domain::kind::EventKind;
use domain::status::Status;
use ports::{Platform, Row as Stored, Statement};
use serde_json::Value;

use self::events::{Chain, Told};
use self::facts::{Part, Teller};
use self::parts::{items, text};
use self::stages::WIDTH;
use self::texts::{TEXTS, Texts};
use self::todo::Reader;
use super::answer::html;
use super::assets;
use super::faults;
use super::labels;
use super::language::Language;
use super::live::{Watched, What};
use super::rows::{Names, Row};
use super::shell::{Place, Shell};
use crate::auth::{Credentials, Member, Scope};
use crate::call::Call;
use crate::http::{Access, Problem, Reply, Route};
use crate::referrals::{Key, Loaded, STATEMENTS, Selector, StoredEvent, Viewer, view};
use crate::worklist::reads::{self, Action};
use crate::worklist::timeline::{is_shown, place_of};

pub(super) use self::recipients::{RECIPIENTS, offered};

pub(super) static ONE: Route = super::view(
    "/worklist/pages/referrals/{id}",
    "referral_page",
    Access::Scope(Scope::ReferralsRead),
);

/// By the primary keys: the organisations of a referral's legs, its referrer, and the reader's own.
const NAMES: &str = "
SELECT o.id, o.document ->> '$.name' AS name FROM organizations o
WHERE o.id IN (SELECT organization_id FROM keys WHERE hash = ?1
  UNION SELECT referrer FROM referrals WHERE id = ?2
  UNION SELECT leg.value ->> '$.recipient.organization' FROM referrals f JOIN json_each(f.state, '$.legs') leg WHERE f.id = ?2)";

#[derive(Template)]
#[template(path = "referral.html")]
struct View {
    shell: Shell,
    texts: &'static Texts,
    watched: Watched,
    row: Row,
    /// What the referrer may print.
    sheets: Option<Sheets>,
    version: i64,
    /// The newest report, which an acknowledgement is of.
    report: String,
    role: &'static str,
    attention: Vec<Advice>,
    tasks: Vec<Task>,
    /// What can be done, by speaker; `None` where the key may not.
    todo: Option<Vec<todo::Group>>,
    stages: Vec<stages::Group>,
    width: i64,
    parts: Vec<Part>,
    told: Vec<Told>,
    chain: Chain,
    document_bytes_max: usize,
    faults: Vec<(&'static str, &'static str)>,
}

/// The letter to the recipient and the note to the patient, as the referrer prints them.
struct Sheets {
    /// Where both are.
    address: String,
    /// Whether the recipient answers by letter.
    is_by_letter: bool,
    /// Whether it is the letter that is to be done next.
    is_letter_next: bool,
}

/// What a person should look at, and what to do about it.
struct Advice {
    what: &'static str,
    advice: &'static str,
    /// The form that does it.
    form: Option<(String, String)>,
}

/// Something to do.
struct Task {
    what: &'static str,
    who: String,
    due_at: String,
}

/// Shows it.
pub(super) async fn page<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let id = call.parameter("id").to_owned();
    let selector = Selector {
        key: Key::Id(id.clone()),
        events_from_ms: Some(0),
        with_request: true,
    };
    let of_reader = |sql| Statement::new(sql, [credentials.hash().into(), id.as_str().into()]);
    let mut statements = vec![credentials.statement()];
    statements.extend(selector.statements());
    statements.extend([
        reads::of_referral(&call, &credentials, Action::Read),
        What::Referral(&id).statement(&credentials),
        of_reader(NAMES),
    ]);
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let member = caller.member()?;
    let (history, after) = (answer.rows(2), STATEMENTS + 1);
    let loaded = Loaded::from_rows(answer.rows(1), history, answer.rows(STATEMENTS))?
        .pop()
        .ok_or(Problem::NotFound)?;
    let viewer = Viewer::of(&loaded.record.referral, &member.organization);
    let viewer = viewer.ok_or(Problem::NotFound)?;
    reads::stored(answer.rows(after))?;
    let names = Names::from_rows(answer.rows(after + 2));
    let shown = Shown {
        call: &call,
        member,
        loaded: &loaded,
        viewer,
        names,
        chain: chain(&loaded, history),
        watched: Watched::new(What::Referral(&id), answer.first(after + 1)),
    };
    html(&shown.view()?)
}

/// What was read, for who reads it.
struct Shown<'a, P> {
    call: &'a Call<P>,
    member: &'a Member,
    loaded: &'a Loaded,
    viewer: Viewer<'a>,
    names: Names,
    chain: Chain,
    watched: Watched,
}

impl<P: Platform> Shown<'_, P> {
    fn view(self) -> Result<View, Problem> {
        let (record, now) = (&self.loaded.record, self.call.now);
        let own = self.member.organization.as_str();
        let language = Language::of(&self.call.headers);
        let texts = TEXTS.of(language);
        let request = record.request.as_ref();
        let request = request.ok_or_else(|| Problem::internal("a referral has no request"))?;
        let referral = view(record, request, self.viewer, now)?;
        let is_present = self.viewer == Viewer::Whole || record.referral.recipient() == Some(own);

        let stored = self.loaded.history.as_deref().unwrap_or_default();
        let events: Vec<Event> = stored.iter().map(|stored| stored.event.clone()).collect();
        let folded =
            fold(&events).ok_or_else(|| Problem::internal("a referral has no first event"))?;
        let is_shown = |stored: &&StoredEvent| {
            let (_, leg) = place_of(&folded, &stored.event.id);
            is_shown(&stored.event, leg, &folded.referral, self.viewer, own)
        };
        let shown: Vec<&StoredEvent> = stored.iter().filter(is_shown).collect();
        let known: Vec<_> = shown
            .iter()
            .map(|stored| {
                let event = &stored.event;
                (event.id.clone(), stored.seq, event.kind.as_str())
            })
            .collect();
        let teller = Teller {
            language,
            texts,
            names: &self.names,
            events: &known,
        };
        let counts = |id: &str| folded.fate(id) == Some(Fate::Applied);
        let counting: Vec<&Event> = shown
            .iter()
            .map(|stored| &stored.event)
            .filter(|event| counts(&event.id))
            .collect();

        let recipient = record.referral.leg().map(|leg| &leg.recipient);
        let runs = course(&events, &record.policy, recipient);
        let may_act = self.member.has(Scope::EventsWrite);
        let reader = Reader {
            member: self.member,
            record,
            view: &referral,
            events: &events,
            now,
        };
        let todo = may_act.then(|| {
            if is_present {
                teller.todo(&reader)
            } else {
                Vec::new()
            }
        });
        let report = record.referral.newest_report();
        Ok(View {
            shell: Shell::new(self.call, self.member, Place::Worklist, texts.title).with(&[
                &assets::REFERRAL_CSS,
                &assets::LIVE_JS,
                &assets::REFERRAL_JS,
            ]),
            row: Row::new(&referral, self.member, &self.names, language, now),
            sheets: self.sheets(),
            version: record.version,
            report: report
                .filter(|_| is_present)
                .map(|report| report.id.clone())
                .unwrap_or_default(),
            role: labels::text_of(codes::ROLE, request.role.as_str(), language),
            attention: advice(&referral, todo.as_deref().unwrap_or_default(), language),
            tasks: self::tasks(&referral, language),
            stages: teller.stages(&referral, runs, is_present, now),
            width: WIDTH,
            parts: teller.parts(&referral, &counting, is_present)?,
            told: teller.told(&shown, &folded)?,
            chain: self.chain,
            watched: self.watched,
            document_bytes_max: crate::status::DOCUMENT_BYTES_MAX,
            faults: faults::all(language),
            todo,
            texts,
        })
    }
}

impl<P> Shown<'_, P> {
    fn sheets(&self) -> Option<Sheets> {
        let record = &self.loaded.record;
        let status = record.referral.status();
        if self.viewer != Viewer::Whole || status == Status::EnteredInError {
            return None;
        }
        let is_by_letter = !record.has_connected_recipient();
        Some(Sheets {
            address: format!("{}referrals/{}", super::BELOW, record.id),
            is_by_letter: is_by_letter && !record.referral.is_finished(),
            is_letter_next: is_by_letter && status == Status::Sent,
        })
    }
}

fn chain(loaded: &Loaded, rows: &[Stored]) -> Chain {
    let links: Vec<_> = rows
        .iter()
        .map(|row| {
            let body = row.text("event_body").unwrap_or_default();
            (body, row.text("event_hash").unwrap_or_default())
        })
        .collect();
    Chain::check(&links, loaded.record.version, &loaded.record.tail_hash)
}

/// What a person should look at, each with the form that sees to it.
fn advice(referral: &Value, todo: &[todo::Group], language: Language) -> Vec<Advice> {
    let forms = || todo.iter().flat_map(|group| &group.forms);
    let found = |code: &str| -> Option<&form::Form> {
        let event = match code {
            "overdue" => return forms().find(|form| form.is_first),
            "unacknowledged" => EventKind::ReferralAcknowledged,
            "patient-not-informed" => EventKind::PatientInformed,
            "patient-unreachable" | "at-risk" => EventKind::PatientContacted,
            "possible-duplicate" => EventKind::AttentionDismissed,
            "other-side-closed" => EventKind::ReferralRedirected,
            "info-awaited" => EventKind::ReferralInfoSupplied,
            "event-parked" | "report-waiting" => {
                return forms().find(|form| form.event.is_empty());
            }
            _ => return None,
        };
        forms().find(|form| form.event == event.as_str())
    };
    items(referral, "/attention")
        .filter_map(Value::as_str)
        .filter_map(|code| {
            let what = Attention::parse(code)?.as_str();
            Some(Advice {
                what: labels::text_of(labels::ATTENTION, what, language),
                advice: labels::text_of(words::ADVICE, what, language),
                form: found(code).map(|form| (form.id.clone(), form.text.clone())),
            })
        })
        .collect()
}

fn tasks(referral: &Value, language: Language) -> Vec<Task> {
    items(referral, "/tasks")
        .filter_map(|task| {
            let kind = domain::tasks::TaskKind::parse(text(task, "/kind"))?;
            let owner = text(task, "/owner");
            Some(Task {
                what: labels::text_of(codes::TASK, kind.as_str(), language),
                who: labels::text_of(codes::SIDE, owner, language).to_owned(),
                due_at: text(task, "/due_at").to_owned(),
            })
        })
        .collect()
}
