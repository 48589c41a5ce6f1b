//! `/worklist/pages/new`: a form for a new referral.
//!
//! It is empty when it comes, whatever was typed before: what is being written is kept by the browser's page alone, and sent to
//! intake, which checks it while somebody types and takes it in the end. The fields are a table ([`fields`]); a field's name is
//! the JSON Pointer of what it says in the body of intake, so that the script builds the body and places its faults without
//! knowing any field.

mod field;
mod fields;
mod texts;
mod words;

use askama::Template;
use ports::{Platform, Row, Statement};

use self::field::{Group, Kind};
use self::fields::{
    NONE_KNOWN, ORDER, OUTSIDE, PATIENT, PREPARATION, QUESTION, REQUESTER, SERVICE,
};
use self::texts::{TEXTS, Texts};
use self::words::Word;
use super::answer::html;
use super::assets;
use super::language::Language;
use super::shell::{Place, Shell};
use crate::auth::{Credentials, Scope};
use crate::call::Call;
use crate::http::{Access, Problem, Reply, Route};

pub(super) static NEW: Route = super::view(
    "/worklist/pages/new",
    "page_new_referral",
    Access::Scope(Scope::ReferralsWrite),
);

/// The most codes of services that are offered to choose from; others can be typed. Ours: a longer list is not read.
const OFFERS_MAX: i64 = 500;

/// What the network's services do, each code once, by `services_by_specialty`.
const OFFERS: &str = "
SELECT DISTINCT s.specialty, code.value ->> '$.system' AS system, code.value ->> '$.code' AS code,
       code.value ->> '$.display' AS display
FROM keys k JOIN organizations o ON o.id = k.organization_id
JOIN services s ON s.network = o.network LEFT JOIN json_each(s.document, '$.codes') code
WHERE k.hash = ?1 AND s.active = 1 ORDER BY s.specialty, display, code LIMIT ?2";

/// Who assigned the newest referral's patient number, by `referrals_changed_by_referrer`: it is the next one's, as a rule.
const ASSIGNER: &str = "
SELECT f.request ->> '$.patient.identifier.system' AS system FROM keys k JOIN referrals f ON f.referrer = k.organization_id
WHERE k.hash = ?1 ORDER BY f.updated_at DESC LIMIT 1";

#[derive(Template)]
#[template(path = "new_referral.html")]
struct View {
    shell: Shell,
    texts: &'static Texts,
    /// Who assigns the patients' numbers.
    assigner: String,
    specialties: Vec<String>,
    offers: Vec<Offer>,
    words: Vec<Word>,
    /// Whether the key may store documents.
    may_attach: bool,
    document_bytes_max: usize,
}

/// What a service of a specialty is called in a code system.
struct Offer {
    specialty: String,
    system: String,
    code: String,
    display: String,
}

impl View {
    fn group(&self, group: Group) -> Filled<'_> {
        Filled {
            group,
            language: self.shell.language,
            assigner: &self.assigner,
        }
    }
}

/// The fields of a group, as the template shows them.
#[derive(Template)]
#[template(path = "new_referral_fields.html")]
struct Filled<'a> {
    group: Group,
    language: Language,
    assigner: &'a str,
}

/// Shows the form. One round trip: it shows nothing of a patient, and so leaves no record.
pub(super) async fn page<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let hash = || ports::Value::from(credentials.hash());
    let statements = vec![
        credentials.statement(),
        Statement::new(OFFERS, [hash(), OFFERS_MAX.into()]),
        Statement::new(ASSIGNER, [hash()]),
    ];
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let member = caller.member()?;
    let texts = TEXTS.of(Language::of(&call.headers));
    let shell = Shell::new(&call, member, Place::New, texts.title).with(&[
        &assets::NEW_REFERRAL_CSS,
        &assets::NEW_REFERRAL_FORM_JS,
        &assets::NEW_REFERRAL_JS,
    ]);
    let text = |row: &Row, column| row.text(column).unwrap_or_default().to_owned();
    let rows = answer.rows(1);
    let mut specialties: Vec<_> = rows.iter().map(|row| text(row, "specialty")).collect();
    specialties.dedup();
    let offers = rows.iter().filter(|row| row.text("code").is_some());
    html(&View {
        words: words::all(shell.language),
        may_attach: member.has(Scope::EventsWrite),
        document_bytes_max: crate::status::DOCUMENT_BYTES_MAX,
        shell,
        texts,
        assigner: answer
            .first(2)
            .map(|row| text(row, "system"))
            .unwrap_or_default(),
        specialties,
        offers: offers
            .map(|row| Offer {
                specialty: text(row, "specialty"),
                system: text(row, "system"),
                code: text(row, "code"),
                display: text(row, "display"),
            })
            .collect(),
    })
}
