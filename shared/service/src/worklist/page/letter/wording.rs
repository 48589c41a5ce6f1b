//! Which wording a letter has: the network's in the language that is wanted, else the built-in one in it, else the same in the
//! network's default language. The words that stand for codes go by the language of the wording, likewise.

use ports::{Row, Statement};

use super::content::Content;
use crate::letters::{Block, Filled, LANGUAGES, Wording, built_in, fill};

/// A text that is worded and filled.
pub(super) struct Worded {
    /// Its language (BCP 47).
    pub(super) language: String,
    /// Its paragraphs.
    pub(super) blocks: Vec<Block>,
    /// Whether something of it is not in the language that was wanted: there is no wording in it, or there are no words.
    pub(super) fell_back: bool,
}

/// What the network of the referral with this id has worded.
pub(super) fn statement(referral: &str) -> Statement {
    Statement::new(OWN, [referral.into()])
}

/// Words a text in the language `wanted` (BCP 47), by the rows of [`statement`].
pub(super) fn worded(
    wording: Wording,
    wanted: &str,
    own: &[Row],
    content: Content<'_>,
    later: impl Fn(&str) -> Option<Filled>,
) -> Worded {
    let default = content.record.policy.language();
    let wanted = primary(wanted);
    let (language, text) = first(wording, own, &[&wanted, default]);
    let (language_of_words, words) = first(Wording::Words, own, &[language, default]);
    let content = Content { words, ..content };
    let blocks = fill(text, |name| {
        later(name).unwrap_or_else(|| Filled::Text(content.text(name)))
    });
    Worded {
        fell_back: language != wanted || language_of_words != wanted,
        language: language.to_owned(),
        blocks,
    }
}

/// The language of a tag without its region: `es` of `es-MX`.
fn primary(tag: &str) -> String {
    let primary = tag.split('-').next().unwrap_or_default();
    primary.to_ascii_lowercase()
}

/// A text in the first of these languages that there is one in, the network's own before the built-in one; and which it is.
fn first<'a>(wording: Wording, own: &'a [Row], wanted: &[&'a str]) -> (&'a str, &'a str) {
    let text = |language: &'a str| {
        let is_it = |row: &&Row| {
            row.text("name") == Some(wording.as_str()) && row.text("language") == Some(language)
        };
        let own = own.iter().find(is_it).and_then(|row| row.text("text"));
        let text = own.or_else(|| built_in(wording, language))?;
        Some((language, text))
    };
    let mut languages = wanted.iter().chain(LANGUAGES);
    languages
        .find_map(|language| text(language))
        .unwrap_or_default()
}

/// By the primary keys of both tables.
const OWN: &str = "
SELECT t.name, t.language, t.text FROM referrals f JOIN letter_templates t ON t.network = f.network WHERE f.id = ?1";
