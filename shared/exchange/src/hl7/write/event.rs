//! What happened to a referral: OSU^O51 for decisions and cancellations, SIU for visits, OMG^O19 with ORC-1 RE for reports.

use domain::kind::EventKind;
use domain::merges::Merge;
use domain::payload::{Document as Listed, NextStep, Outcome, Payload, Remark, Visit};
use domain::request::{Free, Patient};
use domain::time::{Date, Timestamp};

use crate::hl7::escape::encode;
use crate::hl7::local;
use crate::hl7::names::OURS;
use crate::hl7::result::CONSULT_NOTE;
use crate::hl7::times;
use crate::hl7::write::About;
use crate::hl7::write::fields::{self, Observations, segment};

/// MSH-9 and the segments after MSH; nothing for a kind that has no message.
pub(super) fn segments(
    kind: EventKind,
    data: &Payload,
    occurred_at: Timestamp,
    about: &About<'_>,
) -> Option<(&'static str, Vec<String>)> {
    let status = |control, status, reason, performer| {
        (
            "OSU^O51^OSU_O51",
            vec![
                fields::patient(&about.request.patient),
                orc(about, control, status, occurred_at, reason, performer),
            ],
        )
    };
    Some(match (kind, data) {
        (EventKind::ReferralAccepted, Payload::Accepted(accepted)) => {
            let performer = accepted
                .performer
                .as_ref()
                .and_then(name_of)
                .map(|name| fields::person_named(&name));
            let own = accepted.filler.as_ref();
            let about = About {
                filler: own.or(about.filler),
                ..*about
            };
            let orc = orc(
                &about,
                "OK",
                "IP",
                occurred_at,
                String::new(),
                performer.unwrap_or_default(),
            );
            (
                "OSU^O51^OSU_O51",
                vec![fields::patient(&about.request.patient), orc],
            )
        }
        (EventKind::ReferralDeclined, Payload::Declined(declined)) => {
            let note = declined.note.as_deref().map(encode).unwrap_or_default();
            status(
                "UA",
                "CA",
                format!("{}^{note}^{OURS}", declined.reason.as_str()),
                String::new(),
            )
        }
        (EventKind::ReferralCancellationRequested, Payload::Remark(remark)) => status(
            "CA",
            "",
            fields::text_only(remark.reason.as_deref()),
            String::new(),
        ),
        (EventKind::ReferralCancellationConfirmed, Payload::Remark(remark)) => status(
            "CR",
            "CA",
            fields::text_only(remark.reason.as_deref()),
            String::new(),
        ),
        (EventKind::ReferralCancellationRefused, Payload::Remark(remark)) => status(
            "UC",
            "IP",
            fields::text_only(remark.reason.as_deref()),
            String::new(),
        ),
        (EventKind::ReferralInfoRequested, Payload::InfoRequested(asked)) => status(
            "SC",
            "HD",
            fields::text_only(asked.question.as_deref()),
            String::new(),
        ),
        (EventKind::AppointmentScheduled, Payload::Visit(visit)) => {
            ("SIU^S12^SIU_S12", visit_segments(visit, about, None)?)
        }
        (EventKind::AppointmentRescheduled, Payload::Visit(visit)) => (
            "SIU^S13^SIU_S12",
            visit_segments(visit, about, visit.by.map(|by| by.as_str()))?,
        ),
        (EventKind::AppointmentCancelled, Payload::VisitCancelled(cancelled)) => {
            let by = cancelled.by.map(|by| by.as_str());
            let sch = sch(about, by, cancelled.reason.as_deref(), "Cancelled");
            (
                "SIU^S15^SIU_S12",
                vec![sch, fields::patient(&about.request.patient), rgs()],
            )
        }
        (EventKind::AppointmentNoShow, Payload::Remark(remark)) => {
            let mut segments = vec![sch(about, None, remark.reason.as_deref(), "Noshow")];
            segments.extend(remark.note.as_deref().map(nte));
            segments.extend([fields::patient(&about.request.patient), rgs()]);
            ("SIU^S26^SIU_S12", segments)
        }
        (EventKind::ReferralInterimNote, Payload::InterimNote(note)) => {
            let mut all = Observations::default();
            text(&mut all, note.note.as_deref());
            links(&mut all, &note.documents);
            let report = Report {
                order: "A",
                result: "P",
                visit_on: note.visit_on.as_deref(),
            };
            ("OMG^O19^OMG_O19", report.segments(about, occurred_at, all))
        }
        (
            EventKind::ReferralOutcome | EventKind::ReferralOutcomeAmended,
            Payload::Outcome(outcome),
        ) => {
            let result = if kind == EventKind::ReferralOutcome {
                "F"
            } else {
                "C"
            };
            let report = Report {
                order: "CM",
                result,
                visit_on: outcome.visit_on.as_deref(),
            };
            (
                "OMG^O19^OMG_O19",
                report.segments(about, occurred_at, content(outcome)),
            )
        }
        _ => return None,
    })
}

/// A note as a document that closes nothing: EVN PID PV1 TXA OBX. TXA-12 has to be unique: the message's own id.
pub(super) fn note(
    remark: &Remark,
    at: Timestamp,
    about: &About<'_>,
    control_id: &str,
) -> Vec<String> {
    let mut all = Observations::default();
    if let Some(note) = remark.note.as_deref() {
        all.add("TX", "^Note".to_owned(), "", encode(note), String::new());
    }
    links(&mut all, &remark.documents);
    for document in about.documents {
        all.document(document);
    }
    let mut segments = vec![
        evn("T02", at),
        fields::patient(&about.request.patient),
        "PV1|1|N".to_owned(),
        segment(
            "TXA",
            &[
                (1, "1".to_owned()),
                (2, "PR^Progress note^HL70270".to_owned()),
                (3, "TX".to_owned()),
                (6, times::written(at)),
                (12, encode(control_id)),
                (14, fields::entity(about.placer)),
                (15, about.filler.map(fields::entity).unwrap_or_default()),
                (17, "AU".to_owned()),
            ],
        ),
    ];
    segments.extend(all.into_segments());
    segments
}

/// Two records were of one patient: EVN PID MRG.
pub(super) fn merge(merge: &Merge, at: Timestamp, patient: &Patient) -> Vec<String> {
    let mut patient = patient.clone();
    patient.identifier.clone_from(&merge.to);
    vec![
        evn("A40", at),
        fields::patient(&patient),
        segment("MRG", &[(1, fields::record_number(&merge.from))]),
    ]
}

fn evn(trigger: &str, at: Timestamp) -> String {
    segment("EVN", &[(1, trigger.to_owned()), (2, times::written(at))])
}

fn orc(
    about: &About<'_>,
    control: &str,
    status: &str,
    at: Timestamp,
    reason: String,
    performer: String,
) -> String {
    segment(
        "ORC",
        &[
            (1, control.to_owned()),
            (2, fields::entity(about.placer)),
            (3, about.filler.map(fields::entity).unwrap_or_default()),
            (5, status.to_owned()),
            (9, times::written(at)),
            (
                12,
                about
                    .request
                    .requester
                    .as_ref()
                    .map(fields::person)
                    .unwrap_or_default(),
            ),
            (16, reason),
            (19, performer),
        ],
    )
}

/// The name of somebody who is given as a text, or as an object with one.
fn name_of(free: &Free) -> Option<String> {
    match free {
        Free::Text(text) => Some(text.clone()),
        Free::Object(members) => match members.get("name") {
            Some(Free::Text(text)) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// One appointment at a time: the referral's id serves as the appointment's.
fn sch(about: &About<'_>, by: Option<&str>, reason: Option<&str>, state: &str) -> String {
    let placer = fields::entity(about.placer);
    let filler = about.filler.map(fields::entity);
    let why = match (by, reason) {
        (None, None) => String::new(),
        (by, reason) => format!(
            "{}^{}^{OURS}",
            by.unwrap_or_default(),
            reason.map(encode).unwrap_or_default()
        ),
    };
    segment(
        "SCH",
        &[
            (2, filler.clone().unwrap_or_else(|| placer.clone())),
            (6, why),
            (25, format!("{state}^{state}^HL70278")),
            (26, placer),
            (27, filler.unwrap_or_default()),
        ],
    )
}

fn rgs() -> String {
    "RGS|1".to_owned()
}

fn nte(text: &str) -> String {
    segment("NTE", &[(1, "1".to_owned()), (3, encode(text))])
}

/// A visit without a start has no message.
fn visit_segments(visit: &Visit, about: &About<'_>, by: Option<&str>) -> Option<Vec<String>> {
    let tq1 = segment(
        "TQ1",
        &[
            (1, "1".to_owned()),
            (7, times::written(visit.start?)),
            (8, visit.end.map(times::written).unwrap_or_default()),
        ],
    );
    let mut segments = vec![
        sch(about, by, None, "Booked"),
        tq1,
        fields::patient(&about.request.patient),
        rgs(),
    ];
    if let Some(place) = visit
        .location
        .as_ref()
        .map(|place| name_of(place).unwrap_or_else(|| local::free_text(place)))
    {
        segments.push(segment(
            "AIL",
            &[
                (1, "1".to_owned()),
                (3, format!("^^^^^^^^{}", encode(&place))),
            ],
        ));
    }
    Some(segments)
}

struct Report<'a> {
    order: &'a str,
    result: &'a str,
    visit_on: Option<&'a str>,
}

impl Report<'_> {
    fn segments(
        &self,
        about: &About<'_>,
        at: Timestamp,
        mut observations: Observations,
    ) -> Vec<String> {
        for document in about.documents {
            observations.document(document);
        }
        let mut segments = vec![
            fields::patient(&about.request.patient),
            orc(about, "RE", self.order, at, String::new(), String::new()),
            segment(
                "OBR",
                &[
                    (1, "1".to_owned()),
                    (2, fields::entity(about.placer)),
                    (3, about.filler.map(fields::entity).unwrap_or_default()),
                    (4, fields::coding(&about.request.service)),
                    (
                        7,
                        self.visit_on.and_then(day_or_instant).unwrap_or_default(),
                    ),
                    (22, times::written(at)),
                    (25, self.result.to_owned()),
                ],
            ),
        ];
        segments.extend(observations.into_segments());
        segments
    }
}

/// A visit's date as it was given: an instant, or a day.
fn day_or_instant(text: &str) -> Option<String> {
    text.parse::<Timestamp>()
        .map(times::written)
        .or_else(|_| text.parse::<Date>().map(times::written_day))
        .ok()
}

fn text(all: &mut Observations, note: Option<&str>) {
    if let Some(note) = note {
        all.add(
            "TX",
            format!("{CONSULT_NOTE}^Consult note^LN"),
            "",
            encode(note),
            String::new(),
        );
    }
}

fn content(outcome: &Outcome) -> Observations {
    let mut all = Observations::default();
    text(&mut all, outcome.summary.as_deref());
    all.local("advice", "", outcome.advice.then_some("true"));
    for step in &outcome.next_steps {
        let value = match step {
            NextStep::Text(text) => text.clone(),
            assigned @ NextStep::Assigned { .. } => serde_json::to_value(assigned)
                .map(|value| value.to_string())
                .unwrap_or_default(),
        };
        all.local("next-step", "", Some(&value));
    }
    links(&mut all, &outcome.documents);
    all.local(
        "performer",
        "",
        outcome.performer.as_ref().map(local::free_text).as_deref(),
    );
    all
}

/// The documents that are elsewhere.
fn links(all: &mut Observations, documents: &[Listed]) {
    for document in documents {
        if let Listed::Linked {
            title,
            media_type,
            url,
        } = document
        {
            let (main, subtype) = media_type
                .as_deref()
                .and_then(|all| all.split_once('/'))
                .unwrap_or_default();
            let value = format!("{}^^{}^{}", encode(url), encode(main), encode(subtype));
            all.add(
                "RP",
                format!("^{}", encode(title)),
                "",
                value,
                String::new(),
            );
        }
    }
}
