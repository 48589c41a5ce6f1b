//! How a network words its letters: the office's letter, the slip with its code, the patient's note, each in any language.
//!
//! A wording is checked when it is saved, so that no letter is found broken when somebody needs it.

use http::StatusCode;
use ports::{Platform, Row, Statement};
use serde::Deserialize;
use serde_json::{Value, json};

use super::gate::Gate;
use crate::auth::Caller;
use crate::call::Call;
use crate::http::{Access, Field, Method, Object, Problem, Reply, Route, Shape, Success, is_slug};
use crate::letters::{self, Filled, LANGUAGES, TEXT_CHARS_MAX, Wording, built_in};

/// The most bytes of a body with a wording: four for each character, and the JSON around it.
const BODY_BYTES_MAX: usize = 4 * TEXT_CHARS_MAX + 1_024;

/// The most wordings of a network: four texts in twenty languages.
const TEMPLATES_MAX: usize = 80;

const TEXT: Field = Field::required(
    "text",
    Shape::prose(TEXT_CHARS_MAX),
    "Paragraphs with empty lines between them, headings that begin with #, and {placeholders}. Of words: a line each, name = words.",
);
const NAME: Field = Field::required("name", Shape::Code(Wording::NAMES), "Which text.");
const LANGUAGE: Field = Field::required(
    "language",
    Shape::line(3),
    "In which language (ISO 639, two or three letters).",
);
const IS_DEFAULT: Field = Field::required(
    "is_default",
    Shape::Boolean,
    "Whether it is worded as it was built in.",
);

const NEW: Shape = Shape::Object(&Object {
    name: "NewLetterTemplate",
    fields: &[TEXT],
});

const TEMPLATE: Shape = Shape::Object(&Object {
    name: "LetterTemplate",
    fields: &[
        NAME,
        LANGUAGE,
        TEXT,
        IS_DEFAULT,
        Field::required(
            "placeholders",
            Shape::list(&PLACEHOLDER, 50),
            "What may stand in braces; of words the names.",
        ),
    ],
});

const PLACEHOLDER: Shape = Shape::Object(&Object {
    name: "LetterPlaceholder",
    fields: &[
        Field::required("name", Shape::line(40), "Its name."),
        Field::required(
            "mandatory",
            Shape::Boolean,
            "Whether the text must have it.",
        ),
    ],
});

const SHOWN: &[Success] = &[Success {
    status: 200,
    doc: "The wording that applies.",
    body: Some(TEMPLATE),
}];

pub static LIST: Route = Route {
    method: Method::Get,
    path: "/directory/networks/{network}/templates",
    id: "list_letter_templates",
    summary: "List how a network words its letters: its own wordings, and the built-in ones of what it has not worded.",
    access: Access::Key,
    query: &[],
    request: None,
    body_bytes_max: 0,
    success: &[Success {
        status: 200,
        doc: "The wordings, without their texts.",
        body: Some(Shape::Object(&Object {
            name: "LetterTemplates",
            fields: &[Field::required(
                "items",
                Shape::list(
                    &Shape::Object(&Object {
                        name: "ListedLetterTemplate",
                        fields: &[NAME, LANGUAGE, IS_DEFAULT],
                    }),
                    TEMPLATES_MAX + LANGUAGES.len() * Wording::NAMES.len(),
                ),
                "The wordings.",
            )],
        })),
    }],
    problems: &[],
};

pub static GET: Route = Route {
    method: Method::Get,
    path: "/directory/networks/{network}/templates/{name}/{language}",
    id: "get_letter_template",
    summary: "Show how a network words a letter.",
    access: Access::Key,
    query: &[],
    request: None,
    body_bytes_max: 0,
    success: SHOWN,
    problems: &[],
};

pub static PUT: Route = Route {
    method: Method::Put,
    path: "/directory/networks/{network}/templates/{name}/{language}",
    id: "put_letter_template",
    summary: "Word a letter. Unknown placeholders and mandatory ones that are missing are told all at once.",
    access: Access::Operator,
    query: &[],
    request: Some(NEW),
    body_bytes_max: BODY_BYTES_MAX,
    success: SHOWN,
    problems: &[crate::http::ProblemKind::TooMany],
};

pub static RESET: Route = Route {
    method: Method::Delete,
    path: "/directory/networks/{network}/templates/{name}/{language}",
    id: "reset_letter_template",
    summary: "Go back to the built-in wording.",
    access: Access::Operator,
    query: &[],
    request: None,
    body_bytes_max: 0,
    success: &[Success {
        status: 204,
        doc: "The network words it no more.",
        body: None,
    }],
    problems: &[],
};

pub static PREVIEW: Route = Route {
    method: Method::Post,
    path: "/directory/networks/{network}/templates/{name}/{language}/preview",
    id: "preview_letter_template",
    summary: "Show a wording filled with an example; nothing is stored.",
    access: Access::Key,
    query: &[],
    request: Some(NEW),
    body_bytes_max: BODY_BYTES_MAX,
    success: &[Success {
        status: 200,
        doc: "The text, filled.",
        body: Some(Shape::Object(&Object {
            name: "LetterPreview",
            fields: &[Field::required(
                "text",
                Shape::prose(4 * TEXT_CHARS_MAX),
                "Filled with an example of each placeholder.",
            )],
        })),
    }],
    problems: &[],
};

#[derive(Deserialize)]
struct New {
    text: String,
}

/// What a path names.
struct Named {
    wording: Wording,
    language: String,
}

impl Named {
    fn of<P>(call: &Call<P>) -> Option<Self> {
        let language = call.parameter("language");
        let is_language = (2..=3).contains(&language.len())
            && language.bytes().all(|byte| byte.is_ascii_lowercase());
        Some(Self {
            wording: Wording::parse(call.parameter("name"))?,
            language: is_language.then(|| language.to_owned())?,
        })
    }

    fn select(&self, network: &str) -> Statement {
        let [name, language] = self.key();
        Statement::new(SELECT, [network.into(), name.into(), language.into()])
    }

    fn key(&self) -> [&str; 2] {
        [self.wording.as_str(), &self.language]
    }

    fn shown(&self, own: Option<&str>) -> Result<Value, Problem> {
        let text = own
            .or_else(|| built_in(self.wording, &self.language))
            .ok_or(Problem::NotFound)?;
        let placeholders = self.wording.placeholders().iter();
        let placeholders = placeholders.map(|known| (known.name, known.mandatory));
        let names =
            (self.wording == Wording::Words).then(|| letters::names().map(|name| (name, true)));
        let placeholders: Vec<_> = placeholders
            .chain(names.into_iter().flatten())
            .map(|(name, mandatory)| json!({"name": name, "mandatory": mandatory}))
            .collect();
        Ok(json!({
            "name": self.wording.as_str(),
            "language": self.language,
            "text": text,
            "is_default": own.is_none(),
            "placeholders": placeholders,
        }))
    }
}

/// Whether the caller may see the network.
fn sees(gate: &Gate, network: &str) -> Result<(), Problem> {
    match &gate.caller {
        Caller::Member(member) if member.network != network => Err(Problem::NotFound),
        Caller::Operator | Caller::Member(_) => Ok(()),
    }
}

pub async fn list<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let network = call.parameter("network");
    let gate = Gate::open(&call, |_| {
        vec![Statement::new(SELECT_ALL, [network.into()])]
    })
    .await?;
    sees(&gate, network)?;
    let listed = |row: &Row| {
        Some((
            row.text("name")?.to_owned(),
            row.text("language")?.to_owned(),
        ))
    };
    let own: Vec<(String, String)> = gate.rows(0).iter().filter_map(listed).collect();
    let built_in = Wording::NAMES.iter().flat_map(|name| {
        LANGUAGES
            .iter()
            .map(|language| ((*name).to_owned(), (*language).to_owned()))
    });
    let mut all: Vec<_> = built_in
        .filter(|built_in| !own.contains(built_in))
        .map(|key| (key, true))
        .collect();
    all.extend(own.into_iter().map(|key| (key, false)));
    all.sort();
    let items: Vec<_> = all
        .into_iter()
        .map(|((name, language), is_default)| {
            json!({"name": name, "language": language, "is_default": is_default})
        })
        .collect();
    Reply::json(StatusCode::OK, &json!({ "items": items }))
}

pub async fn get<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let network = call.parameter("network");
    let named = Named::of(&call);
    let gate = Gate::open(&call, |_| {
        named.iter().map(|named| named.select(network)).collect()
    })
    .await?;
    sees(&gate, network)?;
    let named = named.as_ref().ok_or(Problem::NotFound)?;
    let own = gate.first(0).and_then(|row| row.text("text"));
    Reply::json(StatusCode::OK, &named.shown(own)?)
}

pub async fn put<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let network = call.parameter("network");
    let gate = Gate::open(&call, |_| {
        vec![Statement::new(SELECT_ALL, [network.into()])]
    })
    .await?;
    let named = Named::of(&call)
        .filter(|_| is_slug(network))
        .ok_or(Problem::NotFound)?;
    let new: New = call.input()?;
    Problem::unless_empty(letters::faults(named.wording, &new.text))?;
    let [name, language] = named.key();
    let is_there = gate
        .rows(0)
        .iter()
        .any(|row| row.text("name") == Some(name) && row.text("language") == Some(language));
    if !is_there && gate.rows(0).len() >= TEMPLATES_MAX {
        return Err(Problem::TooMany {
            what: "wordings of one network",
            limit: TEMPLATES_MAX,
        });
    }
    let upsert = Statement::new(
        UPSERT,
        [
            network.into(),
            name.into(),
            language.into(),
            new.text.as_str().into(),
            call.now_milliseconds().into(),
        ],
    );
    call.platform.batch(vec![upsert]).await?;
    Reply::json(StatusCode::OK, &named.shown(Some(&new.text))?)
}

pub async fn reset<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    Gate::open(&call, |_| vec![]).await?;
    let named = Named::of(&call).ok_or(Problem::NotFound)?;
    let [name, language] = named.key();
    let parameters = [
        call.parameter("network").into(),
        name.into(),
        language.into(),
    ];
    call.platform
        .batch(vec![Statement::new(DELETE, parameters)])
        .await?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

pub async fn preview<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let network = call.parameter("network");
    let gate = Gate::open(&call, |_| vec![]).await?;
    sees(&gate, network)?;
    let named = Named::of(&call).ok_or(Problem::NotFound)?;
    let new: New = call.input()?;
    Problem::unless_empty(letters::faults(named.wording, &new.text))?;
    let known = named.wording.placeholders();
    let filled = letters::fill(&new.text, |name| {
        let known = known.iter().find(|known| known.name == name);
        Filled::Text(
            known
                .map(|known| known.example)
                .unwrap_or_default()
                .to_owned(),
        )
    });
    Reply::json(StatusCode::OK, &json!({"text": letters::to_text(&filled)}))
}

/// By the primary key.
const SELECT: &str =
    "SELECT text FROM letter_templates WHERE network = ?1 AND name = ?2 AND language = ?3";

/// By the primary key: as many as the network has worded, at most 80.
const SELECT_ALL: &str = "SELECT name, language FROM letter_templates WHERE network = ?1";

/// By the primary key.
const UPSERT: &str = "
INSERT INTO letter_templates (network, name, language, text, updated_at) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (network, name, language) DO UPDATE SET text = excluded.text, updated_at = excluded.updated_at";

/// By the primary key.
const DELETE: &str =
    "DELETE FROM letter_templates WHERE network = ?1 AND name = ?2 AND language = ?3";
