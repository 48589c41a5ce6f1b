//! What a field of the form is.

use super::super::labels::{self, Label};
use super::super::language::{InEach, Language};

/// Fields that belong together.
pub(super) type Group = &'static [Field];

/// A field.
pub(super) struct Field {
    /// Where it stands in the body of intake: a JSON Pointer (RFC 6901).
    pub(super) pointer: &'static str,
    pub(super) kind: Kind,
    pub(super) label: InEach<&'static str>,
    /// What is said below it.
    pub(super) help: Option<InEach<&'static str>>,
    pub(super) is_required: bool,
}

/// How a field is filled.
pub(super) enum Kind {
    /// One line, by the input's type.
    Line(&'static str),
    /// A line of which each word is an item of a list.
    Words,
    /// A time by the clock of whoever types it.
    Instant,
    /// Several lines.
    Prose,
    /// One of several codes. What is first is chosen; an empty code is none.
    Choice(&'static [Label]),
    /// Any of several codes.
    Several(&'static [Label]),
    /// Yes, or nothing.
    Flag,
}

impl Field {
    pub(super) const fn new(
        pointer: &'static str,
        kind: Kind,
        en: &'static str,
        es: &'static str,
    ) -> Self {
        Self {
            pointer,
            kind,
            label: InEach { en, es },
            help: None,
            is_required: false,
        }
    }

    pub(super) const fn required(mut self) -> Self {
        self.is_required = true;
        self
    }

    pub(super) const fn help(mut self, en: &'static str, es: &'static str) -> Self {
        self.help = Some(InEach { en, es });
        self
    }

    /// The id of its element.
    pub(super) fn id(&self) -> String {
        format!("f{}", self.pointer.replace('/', "-"))
    }

    /// Whether it says who assigns the patient's number.
    pub(super) fn is_assigner(&self) -> bool {
        self.pointer == "/patient/identifier/system"
    }

    pub(super) fn label(&self, language: Language) -> &'static str {
        self.label.of(language)
    }

    pub(super) fn help_in(&self, language: Language) -> Option<&'static str> {
        self.help.as_ref().map(|help| *help.of(language))
    }

    /// The codes of a choice with what they are called.
    pub(super) fn options(
        &self,
        language: Language,
    ) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
        let table = match self.kind {
            Kind::Choice(table) | Kind::Several(table) => table,
            _ => &[],
        };
        labels::options(table, language)
    }
}
