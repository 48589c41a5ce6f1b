//! A referral as OMG^O19 and as REF^I12.

use domain::request::{Free, Recipient, Request, Supporting, SupportingKind, Urgency};

use crate::hl7::escape::encode;
use crate::hl7::local;
use crate::hl7::names::OURS;
use crate::hl7::supporting::JSON;
use crate::hl7::times;
use crate::hl7::write::fields::{self, Observations, segment};
use crate::hl7::write::{About, Envelope};

/// PID AL1 ORC TQ1 OBR NTE OBX.
pub(super) fn order(about: &About<'_>) -> Vec<String> {
    let request = about.request;
    let mut segments = vec![fields::patient(&request.patient)];
    segments.extend(allergies(request));
    let requester = request.requester.as_ref();
    let orderer = requester.map(fields::person).unwrap_or_default();
    let phone = requester
        .and_then(|one| one.phone.as_deref())
        .map(fields::phone_number)
        .unwrap_or_default();
    let filler = about.filler.map(fields::entity).unwrap_or_default();
    segments.push(segment(
        "ORC",
        &[
            (1, "NW".to_owned()),
            (2, fields::entity(about.placer)),
            (3, filler.clone()),
            (
                9,
                request.ordered_at.map(times::written).unwrap_or_default(),
            ),
            (12, orderer.clone()),
            (14, phone.clone()),
        ],
    ));
    segments.push(segment(
        "TQ1",
        &[
            (1, "1".to_owned()),
            (
                8,
                request
                    .needed_by
                    .map(times::written_day)
                    .unwrap_or_default(),
            ),
            (
                9,
                format!(
                    "{}^{}^HL70485",
                    priority(request.urgency),
                    request.urgency.as_str()
                ),
            ),
        ],
    ));
    segments.push(obr(about, &[(16, orderer), (17, phone)]));
    segments.extend(story(request));
    segments.extend(observations(about));
    segments
}

/// RF1 PRD PRD PID AL1 OBR OBX NTE.
pub(super) fn referral(about: &About<'_>, envelope: &Envelope<'_>) -> Vec<String> {
    let request = about.request;
    let reasons: Vec<String> = request.reason.iter().map(fields::coding).collect();
    let mut segments = vec![segment(
        "RF1",
        &[
            (1, "P^Pending^HL70283".to_owned()),
            (
                2,
                format!(
                    "{}^{}^HL70280",
                    priority(request.urgency),
                    request.urgency.as_str()
                ),
            ),
            (6, fields::entity(about.placer)),
            (
                8,
                request
                    .needed_by
                    .map(times::written_day)
                    .unwrap_or_default(),
            ),
            (
                9,
                request.ordered_at.map(times::written).unwrap_or_default(),
            ),
            (10, reasons.join("~")),
            (11, about.filler.map(fields::entity).unwrap_or_default()),
        ],
    )];
    let requester = request.requester.as_ref();
    segments.push(segment(
        "PRD",
        &[
            (1, "RP^Referring provider^HL70286".to_owned()),
            (
                2,
                requester
                    .map(|one| fields::name_of(&one.name))
                    .unwrap_or_default(),
            ),
            (
                5,
                requester
                    .and_then(|one| one.phone.as_deref())
                    .map(fields::phone_number)
                    .unwrap_or_default(),
            ),
            (
                7,
                requester
                    .and_then(|one| one.identifier.as_ref())
                    .map(fields::provider_id)
                    .unwrap_or_default(),
            ),
        ],
    ));
    segments.push(segment(
        "PRD",
        &[
            (1, "RT^Referred to provider^HL70286".to_owned()),
            (7, encode(envelope.receiver.id)),
        ],
    ));
    segments.push(fields::patient(&request.patient));
    segments.extend(allergies(request));
    segments.push(obr(about, &[]));
    segments.extend(observations(about));
    segments.extend(story(request));
    segments
}

fn obr(about: &About<'_>, more: &[(usize, String)]) -> String {
    let request = about.request;
    let question = encode(&request.clinical_question);
    // 360X reads the reason in OBR-31; the question is repeated there for those who do not look at OBR-13.
    let mut reasons: Vec<String> = request.reason.iter().map(fields::coding).collect();
    reasons.push(format!("^{question}"));
    let mut all = vec![
        (1, "1".to_owned()),
        (2, fields::entity(about.placer)),
        (3, about.filler.map(fields::entity).unwrap_or_default()),
        (4, fields::coding(&request.service)),
        (13, question),
        (31, reasons.join("~")),
    ];
    all.extend_from_slice(more);
    segment("OBR", &all)
}

/// Tables 0485 and 0280; `U` is of the table's free part, which has no code between routine and as soon as possible.
const fn priority(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::Stat => "S",
        Urgency::Asap => "A",
        Urgency::Urgent => "U",
        Urgency::Routine => "R",
    }
}

fn story(request: &Request) -> Option<String> {
    let summary = request.summary.as_deref()?;
    Some(segment(
        "NTE",
        &[
            (1, "1".to_owned()),
            (2, "P".to_owned()),
            (3, encode(summary)),
        ],
    ))
}

/// Allergies that AL1 can hold whole.
fn is_al1(item: &Supporting) -> bool {
    item.kind == SupportingKind::Allergy
        && item.url.is_none()
        && matches!(item.value, None | Some(Free::Text(_)))
}

fn allergies(request: &Request) -> Vec<String> {
    let held = request.supporting.iter().filter(|item| is_al1(item));
    held.enumerate()
        .map(|(index, item)| {
            let reaction = match &item.value {
                Some(Free::Text(text)) => encode(text),
                _ => String::new(),
            };
            segment(
                "AL1",
                &[
                    (1, (index + 1).to_string()),
                    (
                        3,
                        format!(
                            "{}^{}",
                            item.code.as_deref().map(encode).unwrap_or_default(),
                            encode(&item.display)
                        ),
                    ),
                    (5, reaction),
                    (6, times::written_day(item.date)),
                ],
            )
        })
        .collect()
}

/// What comes with it, its documents, and the members that the standard has no field for.
fn observations(about: &About<'_>) -> Vec<String> {
    let request = about.request;
    let mut all = Observations::default();
    for item in request.supporting.iter().filter(|item| !is_al1(item)) {
        supporting(&mut all, item);
    }
    for document in about.documents {
        all.document(document);
    }
    all.local("role", "", Some(request.role.as_str()));
    all.local("agreed", "", Some(request.preparation.agreed.as_str()));
    all.local("agreed-reason", "", request.preparation.reason.as_deref());
    for barrier in &request.preparation.barriers {
        all.local("barrier", "", Some(barrier));
    }
    all.local("contact-by", "", request.patient.contact_by.as_deref());
    all.local("urgency-reason", "", request.urgency_reason.as_deref());
    all.local(
        "telehealth",
        "",
        request
            .ordered_by_telehealth
            .map(|flag| if flag { "true" } else { "false" }),
    );
    all.local(
        "scheduling",
        "",
        request.scheduling.map(domain::request::Scheduling::as_str),
    );
    for kind in &request.none_known {
        all.local("none-known", "", Some(kind.as_str()));
    }
    all.local(
        "coverage",
        "",
        request.coverage.as_ref().map(local::free_text).as_deref(),
    );
    all.local(
        "encounter",
        "",
        request.encounter.as_ref().map(local::free_text).as_deref(),
    );
    all.local("follows", "", request.follows.as_deref());
    for one in &request.overrides {
        all.local("override", &one.requirement, Some(&one.reason));
    }
    if let Recipient::Member { service, .. } = &request.recipient {
        all.local("recipient-service", "", service.as_deref());
    }
    all.into_segments()
}

fn supporting(all: &mut Observations, item: &Supporting) {
    let (type_of, value, marker) = match &item.value {
        None => ("ST", String::new(), ""),
        Some(Free::Text(text)) => ("TX", encode(text), ""),
        Some(number @ (Free::Integer(_) | Free::Number(_))) => ("NM", local::free_text(number), ""),
        Some(other) => ("TX", encode(&local::free_text(other)), JSON),
    };
    let code = item.code.as_deref().map(encode).unwrap_or_default();
    let system = if code.is_empty() { "" } else { "L" };
    let name = format!(
        "{code}^{}^{system}^{}^{marker}^{OURS}",
        encode(&item.display),
        item.kind.as_str()
    );
    let date = times::written_day(item.date);
    let sub_id = all.next_number();
    all.add(type_of, name.clone(), &sub_id, value, date.clone());
    if let Some(url) = &item.url {
        all.add("RP", name, &sub_id, encode(url), date);
    }
}
