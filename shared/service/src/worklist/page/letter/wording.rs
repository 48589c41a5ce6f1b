//! Which wording a letter has: the network's in the language that is wanted, else the built-in one in it, else the same in the
//! network's default language.

use ports::{Row, Statement};

use super::super::language::Language;
use super::content::Content;
use crate::letters::{Block, Filled, Wording, built_in, fill};

/// A text that is worded and filled.
pub(super) struct Worded {
    /// Its language (BCP 47).
    pub(super) language: String,
    /// Its paragraphs.
    pub(super) blocks: Vec<Block>,
    /// Whether there is no wording in the language that was wanted.
    pub(super) fell_back: bool,
}

/// What the network of the referral with this id has worded.
pub(super) fn statement(referral: &str) -> Statement {
    Statement::new(OWN, [referral.into()])
}

/// The language of this tag; other than its regions it must be one of the page's to name what is in codes.
fn spoken(tag: &str) -> Option<Language> {
    Language::ALL.into_iter().find(|known| known.code() == tag)
}

/// Words a text in the language `wanted` (BCP 47), by the rows of [`statement`].
pub(super) fn worded(
    wording: Wording,
    wanted: &str,
    own: &[Row],
    content: Content<'_>,
    later: impl Fn(&str) -> Option<Filled>,
) -> Worded {
    let default = content.record.policy.language().to_owned();
    let wanted = wanted
        .split('-')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let text = |language: &str| {
        let is_it = |row: &&Row| {
            row.text("name") == Some(wording.as_str()) && row.text("language") == Some(language)
        };
        let own = own.iter().find(is_it).and_then(|row| row.text("text"));
        own.or_else(|| built_in(wording, language))
    };
    let (language, text, fell_back) = match text(&wanted) {
        Some(text) => (wanted, text, false),
        None => {
            let text = text(&default).unwrap_or_default();
            (default.clone(), text, true)
        }
    };
    let content = Content {
        language: spoken(&language)
            .or_else(|| spoken(&default))
            .unwrap_or(Language::English),
        ..content
    };
    let blocks = fill(text, |name| {
        later(name).unwrap_or_else(|| Filled::Text(content.text(name)))
    });
    Worded {
        language,
        blocks,
        fell_back,
    }
}

/// By the primary keys of both tables.
const OWN: &str = "
SELECT t.name, t.language, t.text FROM referrals f JOIN letter_templates t ON t.network = f.network WHERE f.id = ?1";
