//! A form for an event: what a person is asked for, with the control that fits. What each member is called on the wire stands in
//! `data-member`, and how it is read in `data-as`; `referral.js` makes the event's data of that.

use domain::actions::Asked;
use domain::kind::EventKind;
use serde_json::Value;

use super::super::labels;
use super::codes;
use super::facts::Teller;
use super::parts::{items, text};

/// A form and the button that opens it.
pub(super) struct Form {
    /// Unique in the page; a link leads to it.
    pub(super) id: String,
    /// What the button says.
    pub(super) text: String,
    /// The event that it sends; empty for what is posted elsewhere.
    pub(super) event: &'static str,
    /// Where it is posted.
    pub(super) path: String,
    /// What is sent beside what is asked: names and texts.
    pub(super) given: Vec<(&'static str, String)>,
    /// The version that must still be the newest.
    pub(super) if_match: Option<i64>,
    /// Whether it is the most usual thing to do.
    pub(super) is_first: bool,
    /// Whether it takes the referral on.
    pub(super) is_next: bool,
    /// Whether it ends the referral or sends it away, and must be confirmed.
    pub(super) is_away: bool,
    pub(super) fields: Vec<Field>,
}

/// A field of a form.
pub(super) struct Field {
    pub(super) id: String,
    pub(super) member: &'static str,
    pub(super) label: String,
    pub(super) control: Control,
    pub(super) is_required: bool,
    pub(super) options: Vec<Choice>,
    pub(super) columns: Vec<Column>,
    /// What stands in it at first.
    pub(super) value: String,
}

/// How a field is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Control {
    /// A line of text, by its HTML type.
    Line(&'static str),
    /// An instant.
    Moment,
    /// Text of several lines.
    Area,
    /// True, or not said.
    Flag,
    /// True or false.
    YesNo,
    /// One of several.
    One,
    /// Any of several.
    Any,
    /// Documents to store first.
    Files,
    /// A recipient: `organization/service`.
    Recipient,
    /// A list of objects, a row each.
    Rows,
}

impl Control {
    /// How the script reads it.
    pub(super) const fn reads(self) -> &'static str {
        match self {
            Self::Line(_) | Self::Area | Self::One => "text",
            Self::Moment => "instant",
            Self::Flag => "flag",
            Self::YesNo => "yes-no",
            Self::Any => "list",
            Self::Files => "documents",
            Self::Recipient => "recipient",
            Self::Rows => "rows",
        }
    }

    /// The type of its `input`; empty where it is none.
    pub(super) const fn input(self) -> &'static str {
        match self {
            Self::Line(kind) => kind,
            Self::Moment => "datetime-local",
            _ => "",
        }
    }

    pub(super) fn is(self, name: &str) -> bool {
        self.reads() == name
    }

    pub(super) fn is_area(self) -> bool {
        self == Self::Area
    }

    pub(super) fn is_choice(self) -> bool {
        matches!(self, Self::One | Self::Recipient)
    }
}

/// What may be chosen.
#[derive(Clone)]
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) text: String,
}

/// A member of each object of a list.
pub(super) struct Column {
    pub(super) member: &'static str,
    pub(super) label: String,
    pub(super) kind: &'static str,
    pub(super) options: Vec<Choice>,
}

/// What there is to choose from in a referral.
pub(super) struct Offered<'a> {
    pub(super) referral: &'a Value,
    /// What may be taken back.
    pub(super) retractable: Vec<Choice>,
    /// What may be set aside.
    pub(super) dismissible: Vec<Choice>,
    /// Who assigns the numbers of the reader's organisation, where nobody says otherwise.
    pub(super) assigner: String,
}

impl Teller<'_> {
    /// The fields for what an event asks; nothing for what there is nothing to choose from.
    pub(super) fn fields(
        &self,
        form: &str,
        event: EventKind,
        asks: &[Asked],
        offered: &Offered<'_>,
    ) -> Vec<Field> {
        asks.iter()
            // One choice stands for both.
            .filter(|asked| asked.member != "to/service")
            .filter_map(|asked| self.field(form, event, *asked, offered))
            .collect()
    }

    fn field(
        &self,
        form: &str,
        event: EventKind,
        asked: Asked,
        offered: &Offered<'_>,
    ) -> Option<Field> {
        let (control, options) = self.control(event, asked.member, offered);
        let must_choose = matches!(control, Control::One | Control::Any);
        if must_choose && options.is_empty() {
            return None;
        }
        let name = asked.member.rsplit('/').next().unwrap_or_default();
        let label = match asked.member {
            "to/organization" => self.texts.recipient,
            "filler/value" => self.texts.own_number,
            _ => self.member(name),
        };
        let value = match asked.member {
            "filler/system" => offered.assigner.clone(),
            _ => String::new(),
        };
        Some(Field {
            id: format!("{form}-{}", asked.member.replace('/', "-")),
            member: if asked.member == "to/organization" {
                "to"
            } else {
                asked.member
            },
            label: label.to_owned(),
            control,
            is_required: asked.required,
            options,
            columns: self.columns(asked.member),
            value,
        })
    }

    fn control(
        &self,
        event: EventKind,
        member: &str,
        offered: &Offered<'_>,
    ) -> (Control, Vec<Choice>) {
        use EventKind as E;
        let one = |options| (Control::One, options);
        match (event, member) {
            (E::AttentionDismissed, "what") => return one(offered.dismissible.clone()),
            (E::EventRetracted, "event") => return one(offered.retractable.clone()),
            (E::BarrierResolved, "barrier") => return one(self.open_barriers(offered.referral)),
            (E::ReferralInfoSupplied, "question") => {
                return one(open_questions(offered.referral));
            }
            // The script asks who there is.
            (_, "to/organization") => return (Control::Recipient, Vec::new()),
            (_, "requirements") => return (Control::Any, unmet(offered.referral)),
            _ => {}
        }
        if let Some(table) = codes::table(event.as_str(), member) {
            return one(self.choices(table));
        }
        let control = match member {
            "start" | "end" | "due_at" | "occurred_at" => Control::Moment,
            "visit_on" | "valid_until" => Control::Line("date"),
            "changes/patient/phone" => Control::Line("tel"),
            "changes/patient/email" => Control::Line("email"),
            "note" | "reason" | "summary" | "question" => Control::Area,
            "advice" => Control::Flag,
            "care_plan_changed" => Control::YesNo,
            "documents" => Control::Files,
            "next_steps" | "supporting" => Control::Rows,
            _ => Control::Line("text"),
        };
        (control, Vec::new())
    }

    pub(super) fn choices(&self, table: &'static [labels::Label]) -> Vec<Choice> {
        labels::options(table, self.language)
            .map(|(code, text)| Choice {
                value: code.to_owned(),
                text: text.to_owned(),
            })
            .collect()
    }

    fn columns(&self, member: &str) -> Vec<Column> {
        let column = |member: &'static str, kind| Column {
            member,
            label: self.member(member).to_owned(),
            kind,
            options: if kind == "select" {
                self.choices(codes::KIND)
            } else {
                Vec::new()
            },
        };
        match member {
            "next_steps" => vec![
                column("what", "text"),
                column("who", "text"),
                column("when", "text"),
            ],
            "supporting" => vec![
                column("kind", "select"),
                column("display", "text"),
                column("date", "date"),
                column("value", "text"),
                Column {
                    label: self.texts.file.to_owned(),
                    ..column("url", "file")
                },
            ],
            _ => Vec::new(),
        }
    }

    fn open_barriers(&self, referral: &Value) -> Vec<Choice> {
        items(referral, "/barriers")
            .filter(|barrier| barrier.get("resolved_at").is_none())
            .map(|barrier| Choice {
                value: text(barrier, "/id").to_owned(),
                text: format!(
                    "{}, {}",
                    labels::text_of(codes::BARRIER, text(barrier, "/kind"), self.language),
                    text(barrier, "/owner"),
                ),
            })
            .collect()
    }
}

fn open_questions(referral: &Value) -> Vec<Choice> {
    items(referral, "/questions")
        .filter(|question| question.get("open").and_then(Value::as_bool) == Some(true))
        .map(|question| Choice {
            value: text(question, "/id").to_owned(),
            text: text(question, "/question").to_owned(),
        })
        .collect()
}

fn unmet(referral: &Value) -> Vec<Choice> {
    items(referral, "/requirements")
        .filter(|check| check.get("met").and_then(Value::as_bool) == Some(false))
        .map(|check| Choice {
            value: text(check, "/id").to_owned(),
            text: text(check, "/display").to_owned(),
        })
        .collect()
}
