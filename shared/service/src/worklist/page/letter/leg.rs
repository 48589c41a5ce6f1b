//! `/worklist/pages/letter/{id}`: the one leg that a letter opens: what is asked, what came with it, what has been said, and forms
//! for what can be done now.

use askama::Template;
use domain::actions::{Speaker, actions, may_say_by_letter};
use domain::fold::{Fate, fold};
use domain::kind::EventKind;
use domain::payload::Payload;
use domain::referral::Leg;
use domain::status::{Side, Status};
use ports::Platform;

use super::super::answer::{html, said};
use super::super::assets;
use super::super::faults;
use super::super::labels;
use super::super::language::{InEach, Language};
use super::super::shell::Shell;
use super::attached;
use super::content::{Content, Item};
use super::forms::{self, Form};
use super::opening;
use super::parties::Parties;
use crate::auth::{Confined, Credentials, Member, Scope};
use crate::call::Call;
use crate::http::{Access, Problem, Reply, Route, report};
use crate::letters::{Wording, built_in};
use crate::referrals::{Key, Loaded, Record, STATEMENTS, Selector};
use crate::worklist::reads::{self, Action};
use crate::worklist::timeline::place_of;

pub(super) static LEG: Route = super::super::view(
    "/worklist/pages/letter/{id}",
    "page_letter_leg",
    Access::Letter(Scope::ReferralsRead),
);

/// The leg that a session is confined to, where it is one of the referral with this id.
///
/// # Errors
/// [`Problem::NotFound`] for another referral, and for whoever is confined to none: they have the worklist.
pub(super) fn confined<'a>(member: &'a Member, id: &str) -> Result<&'a Confined, Problem> {
    let confined = member.confined_to.as_ref();
    confined
        .filter(|confined| confined.referral == id)
        .ok_or(Problem::NotFound)
}

/// The leg of a referral that a session is confined to, while it is the present one; a referral that was entered in error may be of
/// another patient, and shows none.
pub(super) fn present<'a>(record: &'a Record, confined: &Confined) -> Option<&'a Leg> {
    let leg = record.referral.leg()?;
    let is_it = i64::from(leg.leg) == confined.leg && leg.status != Status::EnteredInError;
    is_it.then_some(leg)
}

#[derive(Template)]
#[template(path = "letter_leg.html")]
struct View {
    shell: Shell,
    texts: &'static Texts,
    referral: String,
    version: i64,
    referrer: String,
    contact: String,
    patient: String,
    born: String,
    service: String,
    status: String,
    appointment: Option<String>,
    items: Vec<Item>,
    attached: Vec<Attached>,
    said: Vec<Said>,
    forms: Vec<Form>,
    faults: Vec<(&'static str, &'static str)>,
}

/// Something that came with it.
struct Attached {
    text: String,
    address: Option<String>,
}

/// Something that was said.
struct Said {
    at: String,
    what: String,
    who: String,
    text: Option<String>,
}

/// What it answers; who has nothing open is asked to open the letter again.
///
/// # Errors
/// As [`said`].
pub(super) async fn shown<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let headers = call.headers.clone();
    let (platform, place, path) = (call.platform.clone(), call.route.id, call.path.clone());
    match page(call).await {
        Err(Problem::Unauthorized { .. }) => opening::closed(&headers),
        Err(Problem::LinkEnded { name, contact }) => {
            opening::ended(&headers, &name, contact.as_deref())
        }
        Err(problem) => {
            report(&platform, place, &problem);
            said(&headers, &path, &problem)
        }
        answered => answered,
    }
}

/// Shows it. One round trip.
async fn page<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let id = call.parameter("id").to_owned();
    let selector = Selector {
        key: Key::Id(id.clone()),
        events_from_ms: Some(0),
        with_request: true,
    };
    let mut statements = vec![credentials.statement()];
    statements.extend(selector.statements());
    statements.push(Parties::statement(&id));
    statements.push(reads::of_referral(&call, &credentials, Action::Read));
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let confined = confined(caller.member()?, &id)?;
    let loaded = Loaded::from_rows(answer.rows(1), answer.rows(2), answer.rows(STATEMENTS))?;
    let loaded = loaded.into_iter().next().ok_or(Problem::NotFound)?;
    let record = &loaded.record;
    let parties = Parties::new(record, answer.rows(STATEMENTS + 1));
    let leg = present(record, confined).ok_or(Problem::LinkEnded {
        name: parties.referrer.name.clone(),
        contact: parties.referrer.contact.clone(),
    })?;
    let request = record.request.as_ref();
    let request = request.ok_or_else(|| Problem::internal("a referral has no request"))?;
    reads::stored(answer.rows(STATEMENTS + 2))?;

    let language = Language::of(&call.headers);
    let texts = TEXTS.of(language);
    let content = Content {
        record,
        request,
        parties: &parties,
        language,
        words: built_in(Wording::Words, language.code()).unwrap_or_default(),
        now: call.now,
    };
    let office = record.referral.recipient();
    let speaker = Speaker {
        side: Side::Recipient,
        organization: office.unwrap_or_default(),
        records: office.is_none(),
    };
    let offered = actions(&record.referral, speaker, &record.attention);
    let offered = offered
        .iter()
        .filter(|action| may_say_by_letter(action.event));
    let attached = content.attached().map(|item| Attached {
        text: content.supporting(item),
        address: attached::address(&id, item),
    });
    html(&View {
        version: record.version,
        referrer: parties.referrer.name.clone(),
        contact: content.text("referrer_contact"),
        patient: content.text("patient"),
        born: content.text("birth_date"),
        service: content.text("service"),
        status: labels::text_of(labels::STATUS, leg.status.as_str(), language).to_owned(),
        appointment: content
            .appointment()
            .and_then(|visit| visit.start)
            .map(|start| start.to_string()),
        items: content.items(),
        attached: attached.collect(),
        said: told(&loaded, leg.leg, language)?,
        forms: forms::of(offered, language),
        faults: faults::all(language),
        shell: Shell::outside(&call.headers, &call.path, texts.title)
            .with(&[&assets::LETTER_CSS, &assets::LETTER_LEG_JS]),
        referral: id,
        texts,
    })
}

/// What was said in this leg, by the office and to it.
fn told(loaded: &Loaded, leg: u32, language: Language) -> Result<Vec<Said>, Problem> {
    let texts = TEXTS.of(language);
    let stored = loaded.history.iter().flatten();
    let events: Vec<_> = stored.map(|stored| stored.event.clone()).collect();
    let folded = fold(&events).ok_or_else(|| Problem::internal("a referral has no first event"))?;
    let is_shown = |event: &&domain::event::Event| {
        let is_for_it = event.by.side == Some(Side::Recipient) || is_for_the_office(event.kind);
        is_for_it && place_of(&folded, &event.id) == (Fate::Applied, leg)
    };
    let said = events.iter().filter(is_shown).map(|event| Said {
        at: event.occurred_at.to_string(),
        what: labels::text_of(labels::EVENT, event.kind.as_str(), language).to_owned(),
        who: match event.by.side {
            Some(Side::Recipient) => texts.you,
            _ => texts.they,
        }
        .to_owned(),
        text: text_of(&event.data),
    });
    Ok(said.collect())
}

/// What of the referrer's a recipient without software has to see.
const fn is_for_the_office(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::ReferralSent
            | EventKind::ReferralInfoSupplied
            | EventKind::ReferralNote
            | EventKind::ReferralCancellationRequested
            | EventKind::ReferralUrgencyChanged
            | EventKind::ReferralAcknowledged
    )
}

/// The words of an event, where it has any.
fn text_of(data: &Payload) -> Option<String> {
    match data {
        Payload::Remark(remark) => remark.note.clone().or_else(|| remark.reason.clone()),
        Payload::InfoRequested(asked) => asked.question.clone(),
        Payload::InfoSupplied(supplied) => supplied.note.clone(),
        Payload::InterimNote(note) => note.note.clone(),
        Payload::Outcome(outcome) => outcome.summary.clone(),
        Payload::Declined(declined) => declined.note.clone(),
        Payload::NotCompleted(ended) => ended.note.clone(),
        _ => None,
    }
}

struct Texts {
    title: &'static str,
    from: &'static str,
    born: &'static str,
    visit: &'static str,
    asked: &'static str,
    attached: &'static str,
    nothing_attached: &'static str,
    said: &'static str,
    do_now: &'static str,
    nothing_to_do: &'static str,
    you: &'static str,
    they: &'static str,
    send: &'static str,
    optional: &'static str,
    sent: &'static str,
    newer: &'static str,
    incomplete: &'static str,
    refused: &'static str,
    too_large: &'static str,
    closed: &'static str,
    gone: &'static str,
    close: &'static str,
    zone: &'static str,
}

static TEXTS: InEach<Texts> = InEach {
    en: Texts {
        title: "A referral to you",
        from: "From",
        born: "born",
        visit: "Visit",
        asked: "What is asked",
        attached: "What is attached",
        nothing_attached: "Nothing.",
        said: "What has been said",
        do_now: "What you can do now",
        nothing_to_do: "Nothing is left for you to do here.",
        you: "You",
        they: "The referrer",
        send: "Send",
        optional: "optional",
        sent: "Sent. The referrer has it now.",
        newer: "Not sent yet: something has changed meanwhile, and is shown on this page now. What you typed is still here; send it again if it still holds.",
        incomplete: "Something is missing or cannot be read. Look at the fields that are marked.",
        refused: "This cannot be done as the referral stands now.",
        too_large: "A file may have at most 1.5 MB.",
        closed: "Not sent: what you had open has closed. Open the link in your letter in another tab, then send again here. What you typed stays.",
        gone: "Not sent: the referral is not open to you any more. Please call:",
        close: "Close",
        zone: "Times are those of this device.",
    },
    es: Texts {
        title: "Una derivación para ustedes",
        from: "De",
        born: "nac.",
        visit: "Cita",
        asked: "Qué se pide",
        attached: "Qué se adjunta",
        nothing_attached: "Nada.",
        said: "Qué se ha dicho",
        do_now: "Qué pueden hacer ahora",
        nothing_to_do: "No queda nada que hacer aquí.",
        you: "Ustedes",
        they: "Quien deriva",
        send: "Enviar",
        optional: "opcional",
        sent: "Enviado. Quien deriva ya lo tiene.",
        newer: "Aún no se ha enviado: algo ha cambiado entretanto y ya se muestra en esta página. Lo que escribió sigue aquí; envíelo otra vez si sigue siendo válido.",
        incomplete: "Falta algo o no se puede leer. Revise los campos señalados.",
        refused: "Esto no se puede hacer en el estado actual de la derivación.",
        too_large: "Un archivo puede tener como máximo 1,5 MB.",
        closed: "No se ha enviado: lo que tenía abierto se ha cerrado. Abra el enlace de su carta en otra pestaña y envíe de nuevo aquí. Lo que escribió se conserva.",
        gone: "No se ha enviado: la derivación ya no está abierta para usted. Llame a:",
        close: "Cerrar",
        zone: "Las horas son las de este dispositivo.",
    },
};
