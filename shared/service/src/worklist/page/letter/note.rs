//! `/worklist/pages/referrals/{id}/note`: the note to the patient, to be printed: what, where, when, what to bring, whom to call.
//!
//! In the patient's language where there is a wording in it, else in the network's, with a word about that.

use askama::Template;
use ports::Platform;

use super::super::answer::html;
use super::super::assets;
use super::super::language::{InEach, Language};
use super::super::shell::{Place, Shell};
use super::content::Content;
use super::parties::Parties;
use super::wording::{self, Worded, worded};
use crate::auth::{Credentials, Scope};
use crate::call::Call;
use crate::http::{Access, Problem, Reply, Route};
use crate::letters::Wording;
use crate::referrals::{Key, Record, Selector};
use crate::worklist::reads::{self, Action};

pub(super) static NOTE: Route = super::super::view(
    "/worklist/pages/referrals/{id}/note",
    "page_patient_note",
    Access::Scope(Scope::ReferralsRead),
);

#[derive(Template)]
#[template(path = "patient_note.html")]
struct View {
    shell: Shell,
    texts: &'static Texts,
    referral: String,
    note: Worded,
    /// The language that the patient speaks.
    speaks: String,
}

/// Shows it. One round trip.
pub(super) async fn page<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let id = call.parameter("id").to_owned();
    let selector = Selector {
        key: Key::Id(id.clone()),
        events_from_ms: None,
        with_request: true,
    };
    let [record, ..] = selector.statements();
    let answer = call
        .platform
        .batch(vec![
            credentials.statement(),
            record,
            Parties::statement(&id),
            wording::statement(&id),
            reads::of_referral(&call, &credentials, Action::Read),
        ])
        .await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let member = caller.member()?;
    let record = Record::sent_by(&member.organization, answer.first(1))?;
    let request = record.request.as_ref();
    let request = request.ok_or_else(|| Problem::internal("a referral has no request"))?;
    reads::stored(answer.rows(4))?;

    let language = Language::of(&call.headers);
    let texts = TEXTS.of(language);
    let parties = Parties::new(&record, answer.rows(2));
    let content = Content {
        record: &record,
        request,
        parties: &parties,
        language,
        words: "",
        now: call.now,
    };
    let speaks = request.patient.language.clone();
    let speaks = speaks.unwrap_or_else(|| record.policy.language().to_owned());
    html(&View {
        note: worded(
            Wording::PatientNote,
            &speaks,
            answer.rows(3),
            content,
            |_| None,
        ),
        shell: Shell::new(&call, member, Place::Worklist, texts.title)
            .with(&[&assets::LETTER_CSS, &assets::LETTER_SHEET_JS]),
        referral: id,
        speaks,
        texts,
    })
}

struct Texts {
    title: &'static str,
    about: &'static str,
    fell_back: &'static str,
    print: &'static str,
    letter: &'static str,
    back: &'static str,
}

static TEXTS: InEach<Texts> = InEach {
    en: Texts {
        title: "Note to the patient",
        about: "To be printed and handed over. It says nothing clinical.",
        fell_back: "There is no wording in the patient's language yet, so the note is in the network's. Read it out through an interpreter. The patient speaks:",
        print: "Print the note",
        letter: "Letter to the office",
        back: "Back to the referral",
    },
    es: Texts {
        title: "Nota para el paciente",
        about: "Para imprimir y entregar. No dice nada clínico.",
        fell_back: "Aún no hay texto en el idioma del paciente, así que la nota está en el de la red. Léala con un intérprete. El paciente habla:",
        print: "Imprimir la nota",
        letter: "Carta a la consulta",
        back: "Volver a la derivación",
    },
};
