//! Each stage and leg against its time limit, drawn as a bar and told in words.

use domain::course::Run;
use domain::policy::{SetBy, defaults};
use domain::time::Timestamp;
use serde_json::Value;

use super::super::labels;
use super::super::rows::{due_in, late_by};
use super::codes;
use super::facts::Teller;
use super::parts::{items, text};

/// The stages of one leg, or the whole way.
pub(super) struct Group {
    pub(super) title: String,
    pub(super) state: String,
    pub(super) bars: Vec<Bar>,
}

/// One limit. Positions are parts of [`WIDTH`].
pub(super) struct Bar {
    pub(super) name: &'static str,
    pub(super) since: String,
    pub(super) due_at: Option<String>,
    pub(super) allowed: String,
    /// On what the limit rests, where nobody has set it. In English, as the API says it.
    pub(super) basis: Option<&'static str>,
    /// What ended it, and when.
    pub(super) ended: Option<(String, String)>,
    /// How it stands, with a sign that says so without colour.
    pub(super) sign: &'static str,
    pub(super) state: String,
    pub(super) is_late: bool,
    /// Where it begins.
    pub(super) x: i64,
    /// How long it ran within its limit.
    pub(super) used: i64,
    /// Where the limit is.
    pub(super) due_x: Option<i64>,
    /// How long it ran past it.
    pub(super) late: i64,
}

/// The width of a drawing, in its own units.
pub(super) const WIDTH: i64 = 1000;

/// The stretch of time that the drawings span.
struct Span {
    from_ms: i64,
    length_ms: i64,
}

impl Span {
    fn of(runs: &[Run], now: Timestamp) -> Self {
        let begins = runs.iter().map(|run| run.since);
        let from_ms = begins.min().unwrap_or(now).as_millisecond();
        let ends = runs.iter().flat_map(|run| {
            let ended_at = run.ended.map(|(at, _)| at);
            [run.due_at, ended_at].into_iter().flatten()
        });
        let until_ms = ends.max().unwrap_or(now).max(now).as_millisecond();
        Self {
            from_ms,
            length_ms: until_ms.saturating_sub(from_ms).max(1),
        }
    }

    fn x(&self, at: Timestamp) -> i64 {
        let since_ms = at.as_millisecond().saturating_sub(self.from_ms).max(0);
        since_ms.saturating_mul(WIDTH) / self.length_ms
    }
}

impl Teller<'_> {
    /// The stages of the legs that the reader sees, and the whole way for who still has to do with it.
    pub(super) fn stages(
        &self,
        referral: &Value,
        runs: Vec<Run>,
        is_present: bool,
        now: Timestamp,
    ) -> Vec<Group> {
        let legs: Vec<&Value> = items(referral, "/legs").collect();
        let number = |leg: &Value| leg.get("leg").and_then(Value::as_u64);
        let is_seen = |run: &Run| match run.leg {
            Some(leg) => legs.iter().any(|own| number(own) == Some(leg.into())),
            None => is_present,
        };
        let runs: Vec<Run> = runs.into_iter().filter(is_seen).collect();
        let span = Span::of(&runs, now);
        let bars = |leg: Option<u64>| -> Vec<Bar> {
            let own = runs.iter().filter(|run| run.leg.map(u64::from) == leg);
            own.map(|run| self.bar(run, &span, now)).collect()
        };
        let mut groups: Vec<Group> = legs
            .iter()
            .map(|leg| Group {
                title: self.leg(leg),
                state: self.end_of(leg),
                bars: bars(number(leg)),
            })
            .collect();
        groups.push(Group {
            title: self.texts.whole_way.to_owned(),
            state: String::new(),
            bars: bars(None),
        });
        groups.retain(|group| !group.bars.is_empty() || !group.state.is_empty());
        groups
    }

    fn leg(&self, leg: &Value) -> String {
        let name = match text(leg, "/recipient/organization") {
            "" => text(leg, "/recipient/external/name"),
            organization => self.names.of(organization),
        };
        let number = leg.get("leg").and_then(Value::as_u64).unwrap_or(1);
        format!("{} {number}: {name}", self.texts.leg)
    }

    /// Where a leg stands, and why it ended so.
    fn end_of(&self, leg: &Value) -> String {
        let status = labels::text_of(labels::STATUS, text(leg, "/status"), self.language);
        let mut words = vec![status.to_owned()];
        for (pointer, table) in [
            ("/end_reason/declined", codes::DECLINED),
            ("/end_reason/not-completed", codes::NOT_COMPLETED),
        ] {
            let code = text(leg, pointer);
            words.push(labels::text_of(table, code, self.language).to_owned());
        }
        for pointer in [
            "/end_reason/redirected",
            "/end_reason/no-answer",
            "/end_note",
            "/dispute_reason",
        ] {
            words.push(text(leg, pointer).to_owned());
        }
        words.retain(|word| !word.is_empty());
        words.join(" · ")
    }

    fn bar(&self, run: &Run, span: &Span, now: Timestamp) -> Bar {
        let texts = self.texts;
        let late = run.late_by(now);
        let (sign, state) = match (late, run.due_at, run.ended) {
            (Some(late), ..) => {
                let late_ms = late.as_millis().unsigned_abs();
                ("✗", late_by(late_ms, self.language))
            }
            (None, None, None) => ("⏸", texts.stopped.to_owned()),
            (None, _, Some(_)) => ("✓", texts.in_time.to_owned()),
            (None, Some(due_at), None) => {
                let left_ms = due_at.duration_since(now).as_millis().unsigned_abs();
                ("○", due_in(left_ms, self.language))
            }
        };
        let end = run.ended.map_or(now, |(at, _)| at).max(run.since);
        let within = run
            .due_at
            .map_or(end, |due_at| end.min(due_at))
            .max(run.since);
        let x = span.x(run.since);
        Bar {
            name: labels::text_of(labels::LIMIT, run.limit.as_str(), self.language),
            since: run.since.to_string(),
            due_at: run.due_at.map(|at| at.to_string()),
            allowed: format!(
                "{}, {}",
                self.allowed(&run.terms.allowed.to_string()),
                labels::text_of(codes::SET_BY, run.terms.set_by.as_str(), self.language),
            ),
            basis: (run.terms.set_by == SetBy::Default).then(|| defaults::basis(run.limit)),
            ended: run.ended.map(|(at, by)| {
                let by = labels::text_of(labels::EVENT, by.as_str(), self.language);
                (by.to_owned(), at.to_string())
            }),
            sign,
            state,
            is_late: late.is_some(),
            x,
            used: (span.x(within) - x).max(0),
            due_x: run.due_at.map(|at| span.x(at)),
            late: late.map_or(0, |_| (span.x(end) - span.x(within)).max(0)),
        }
    }
}
