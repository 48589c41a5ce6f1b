//! A referral as a row of a list.

use domain::time::Timestamp;
use ports::{Platform, Row as Stored, Statement};
use serde_json::Value;

use super::labels;
use super::language::{InEach, Language};
use crate::auth::{Credentials, Member};
use crate::call::Call;
use crate::http::Problem;
use crate::worklist::list::Listed;
use crate::worklist::reads::{self, Action};

/// What a list shows of a referral. It is made from what the API answers, so that no list shows more than the API does.
pub(super) struct Row {
    pub(super) id: String,
    pub(super) patient: String,
    pub(super) born: String,
    pub(super) service: String,
    /// The other side, and on which side the reader's organisation is.
    pub(super) other: String,
    pub(super) direction: &'static str,
    pub(super) status: String,
    pub(super) urgency: String,
    pub(super) is_urgent: bool,
    pub(super) turn: Turn,
    /// The limit that passed first.
    pub(super) passed: Option<Due>,
    /// The limit that passes next.
    pub(super) next: Option<Due>,
    /// Whether a limit has passed.
    pub(super) is_overdue: bool,
    pub(super) attention: Vec<String>,
    pub(super) points: i64,
    pub(super) reasons: Vec<Reason>,
}

/// Whose turn it is, with a sign that is told apart without colour.
pub(super) struct Turn {
    pub(super) text: &'static str,
    pub(super) sign: &'static str,
    pub(super) is_mine: bool,
    pub(super) is_theirs: bool,
}

/// A limit and how far away it is: "Answer: late by 3 days".
pub(super) struct Due {
    pub(super) text: String,
    pub(super) at: String,
}

/// An addend of what makes it press.
pub(super) struct Reason {
    pub(super) text: String,
    pub(super) points: i64,
}

impl Row {
    /// From the API's answer.
    pub(super) fn new(
        referral: &Value,
        member: &Member,
        names: &Names,
        language: Language,
        now: Timestamp,
    ) -> Self {
        let texts = TEXTS.of(language);
        let text = |pointer: &str| text(referral, pointer);
        let is_sent = text("/referrer") == member.organization;
        let recipient = text("/recipient/organization");
        let is_both = is_sent && recipient == member.organization;
        let other = match (is_sent, recipient) {
            (true, "") => text("/recipient/external/name").to_owned(),
            (true, recipient) => names.of(recipient).to_owned(),
            (false, _) => names.of(text("/referrer")).to_owned(),
        };
        let turn = match text("/turn") {
            "referrer" if is_sent => Turn::mine(texts),
            "recipient" if !is_sent || is_both => Turn::mine(texts),
            "" => Turn {
                text: texts.finished,
                sign: "✓",
                is_mine: false,
                is_theirs: false,
            },
            _ => Turn {
                text: texts.theirs,
                sign: "○",
                is_mine: false,
                is_theirs: true,
            },
        };
        let [passed, next] = dues(referral, now, language);
        let given = strings(referral, "/patient/name/given").join(" ");
        let code = text("/service/code");
        Self {
            id: text("/id").to_owned(),
            patient: format!("{}, {given}", text("/patient/name/family")),
            born: text("/patient/birth_date").to_owned(),
            service: Some(text("/service/display"))
                .filter(|display| !display.is_empty())
                .unwrap_or(code)
                .to_owned(),
            other,
            direction: if is_sent { texts.to } else { texts.from },
            status: labels::text_of(labels::STATUS, text("/status"), language).to_owned(),
            urgency: labels::text_of(labels::URGENCY, text("/urgency"), language).to_owned(),
            is_urgent: text("/urgency") != "routine",
            turn,
            is_overdue: passed.is_some() || strings(referral, "/attention").contains(&"overdue"),
            passed,
            next,
            attention: strings(referral, "/attention")
                .into_iter()
                .map(|code| labels::text_of(labels::ATTENTION, code, language).to_owned())
                .collect(),
            points: referral
                .pointer("/priority/points")
                .and_then(Value::as_i64)
                .unwrap_or_default(),
            reasons: reasons(referral, language),
        }
    }
}

impl Turn {
    fn mine(texts: &Texts) -> Self {
        Self {
            text: texts.mine,
            sign: "●",
            is_mine: true,
            is_theirs: false,
        }
    }
}

fn text<'a>(referral: &'a Value, pointer: &str) -> &'a str {
    referral
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn strings<'a>(referral: &'a Value, pointer: &str) -> Vec<&'a str> {
    let list = referral.pointer(pointer).and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

fn reasons(referral: &Value, language: Language) -> Vec<Reason> {
    let list = referral
        .pointer("/priority/reasons")
        .and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .map(|reason| {
            let code = text(reason, "/what");
            Reason {
                text: labels::text_of(labels::PRESSES, code, language).to_owned(),
                points: reason
                    .pointer("/points")
                    .and_then(Value::as_i64)
                    .unwrap_or_default(),
            }
        })
        .collect()
}

/// The limit that passed first and the one that passes next, of those that run. Where none is left to pass, when somebody has to
/// look again.
fn dues(referral: &Value, now: Timestamp, language: Language) -> [Option<Due>; 2] {
    let texts = TEXTS.of(language);
    let limits = referral.pointer("/deadlines").and_then(Value::as_array);
    let mut limits: Vec<(Timestamp, &str)> = limits
        .into_iter()
        .flatten()
        // Without a time its clock stands still.
        .filter_map(|limit| Some((text(limit, "/due_at").parse().ok()?, text(limit, "/limit"))))
        .collect();
    limits.sort_by_key(|(at, _)| *at);
    let due = |(at, limit): &(Timestamp, &str)| {
        let away = away(*at, now, texts);
        let name = labels::text_of(labels::LIMIT, limit, language);
        Due {
            text: match name {
                "" => away,
                name => format!("{name}: {away}"),
            },
            at: at.to_string(),
        }
    };
    let passed = limits.iter().find(|(at, _)| *at <= now).map(due);
    let next = limits.iter().find(|(at, _)| *at > now).map(due);
    let again = || Some(due(&(text(referral, "/next_due_at").parse().ok()?, "")));
    let is_none = passed.is_none() && next.is_none();
    [passed, if is_none { again() } else { next }]
}

/// How far away a time is: "due in 3 days", "late by 26 hours".
fn away(at: Timestamp, now: Timestamp, texts: &Texts) -> String {
    let difference_ms = at.as_millisecond() - now.as_millisecond();
    let frame = if difference_ms > 0 {
        texts.due_in
    } else {
        texts.late_by
    };
    length_in(difference_ms.unsigned_abs(), frame, texts)
}

/// "late by 3 days".
pub(super) fn late_by(milliseconds: u64, language: Language) -> String {
    let texts = TEXTS.of(language);
    length_in(milliseconds, texts.late_by, texts)
}

/// "due in 3 days".
pub(super) fn due_in(milliseconds: u64, language: Language) -> String {
    let texts = TEXTS.of(language);
    length_in(milliseconds, texts.due_in, texts)
}

/// A length of time in a frame, in the largest unit of which there are two.
fn length_in(milliseconds: u64, frame: &str, texts: &Texts) -> String {
    const MINUTE_MS: u64 = 60_000;
    const HOUR_MS: u64 = 60 * MINUTE_MS;
    const DAY_MS: u64 = 24 * HOUR_MS;
    let (count, unit) = if milliseconds >= 2 * DAY_MS {
        (milliseconds / DAY_MS, texts.days)
    } else if milliseconds >= 2 * HOUR_MS {
        (milliseconds / HOUR_MS, texts.hours)
    } else {
        (milliseconds / MINUTE_MS, texts.minutes)
    };
    frame.replace("{}", &format!("{count} {unit}"))
}

/// The names of organisations, by their ids.
pub(super) struct Names(Vec<(String, String)>);

/// By the primary key.
const NAMES: &str = "
SELECT id, document ->> '$.name' AS name FROM organizations WHERE id IN (SELECT value FROM json_each(?1))";

impl Names {
    /// The names of both sides of what is listed, and the record that it is shown, in one round trip. Nothing shown is none.
    ///
    /// # Errors
    /// What the database says, and [`Problem::Internal`] when nothing was recorded: it must not be answered then.
    pub(super) async fn recorded<P: Platform>(
        call: &Call<P>,
        credentials: &Credentials,
        listed: &Listed,
        action: Action,
    ) -> Result<Self, Problem> {
        let shown = listed.shown();
        if shown.is_empty() {
            return Ok(Self(Vec::new()));
        }
        let record = reads::of_shown(call, credentials, action, &shown);
        let batch = vec![record, Self::statement(&listed.items)];
        let answer = call.platform.batch(batch).await?;
        reads::stored(answer.rows(0))?;
        Ok(Self::from_rows(answer.rows(1)))
    }

    /// Reads the names of both sides of these referrals.
    pub(super) fn statement(referrals: &[Value]) -> Statement {
        let ids = referrals.iter().flat_map(|referral| {
            ["/referrer", "/recipient/organization"].map(|at| text(referral, at))
        });
        Self::statement_of(ids.collect())
    }

    /// Reads the names of these organisations.
    pub(super) fn statement_of(mut ids: Vec<&str>) -> Statement {
        ids.sort_unstable();
        ids.dedup();
        Statement::new(NAMES, [Value::from(ids).to_string().into()])
    }

    /// From the rows of [`Names::statement`].
    pub(super) fn from_rows(rows: &[Stored]) -> Self {
        let named = |row: &Stored| Some((row.text("id")?.to_owned(), row.text("name")?.to_owned()));
        Self(rows.iter().filter_map(named).collect())
    }

    /// What an organisation is called; its id where it has no name.
    pub(super) fn of<'a>(&'a self, id: &'a str) -> &'a str {
        let found = self.0.iter().find(|(known, _)| known == id);
        found.map_or(id, |(_, name)| name.as_str())
    }
}

struct Texts {
    mine: &'static str,
    theirs: &'static str,
    finished: &'static str,
    to: &'static str,
    from: &'static str,
    due_in: &'static str,
    late_by: &'static str,
    days: &'static str,
    hours: &'static str,
    minutes: &'static str,
}

static TEXTS: InEach<Texts> = InEach {
    en: Texts {
        mine: "Your turn",
        theirs: "Their turn",
        finished: "Finished",
        to: "to",
        from: "from",
        due_in: "due in {}",
        late_by: "late by {}",
        days: "days",
        hours: "hours",
        minutes: "minutes",
    },
    es: Texts {
        mine: "Le toca a usted",
        theirs: "Les toca a ellos",
        finished: "Terminada",
        to: "a",
        from: "de",
        due_in: "vence en {}",
        late_by: "{} de retraso",
        days: "días",
        hours: "horas",
        minutes: "minutos",
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distance_is_told_in_the_unit_that_fits() {
        let now: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        let told = |at: &str| away(at.parse().unwrap(), now, TEXTS.of(Language::English));
        assert_eq!(told("2026-03-04T09:00:00Z"), "due in 2 days");
        assert_eq!(told("2026-03-04T08:59:59Z"), "due in 47 hours");
        assert_eq!(told("2026-03-02T10:59:59Z"), "due in 119 minutes");
        assert_eq!(told("2026-03-02T09:00:00Z"), "late by 0 minutes");
        assert_eq!(told("2026-02-20T09:00:00Z"), "late by 10 days");
    }

    #[test]
    fn the_limit_that_passed_first_is_told_before_the_one_that_passes_next() {
        let now: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        let told = |referral: Value| {
            dues(&referral, now, Language::English).map(|due| due.map(|due| due.text))
        };
        let limits = serde_json::json!([
            {"limit": "closed", "due_at": "2026-05-01T09:00:00Z"},
            {"limit": "decided", "due_at": "2026-02-28T09:00:00Z"},
            {"limit": "seen", "due_at": "2026-03-12T09:00:00Z"},
            {"limit": "scheduled", "stopped": true},
        ]);
        let want = ["Answer: late by 2 days", "The visit: due in 10 days"];
        assert_eq!(
            told(serde_json::json!({"deadlines": limits, "next_due_at": "2026-03-12T09:00:00Z"})),
            want.map(|text| Some(text.to_owned()))
        );
        // Where no limit runs, when somebody looks again.
        let again = serde_json::json!({"deadlines": [], "next_due_at": "2026-03-05T09:00:00Z"});
        assert_eq!(told(again), [None, Some("due in 3 days".to_owned())]);
        assert_eq!(told(serde_json::json!({"deadlines": []})), [None, None]);
    }
}
