//! Letters to an office without software: made, sent anew, listed and revoked by the referrer; opened by the office.
//!
//! A letter opens one leg of one referral and nothing else. At most one of a referral is live: the next one ends it at once.

mod list;
mod make;
mod open;
mod qr;
mod revoke;

use ports::Platform;

use crate::auth::Scope;
use crate::http::{Access, Field, Method, Object, Operation, ProblemKind, Route, Shape, Success};

pub(in crate::worklist) use list::{LETTERS, Letter, State};

/// The most bytes of a body about a letter: a token of 43 characters, a code, and the JSON around them.
const BODY_BYTES_MAX: usize = 1_024;

/// The most characters of a link's picture: that of the longest host name has 33,000.
const QR_CHARS_MAX: usize = 40_000;

const ID: Field = Field::required("id", Shape::slug(), "The letter's id.");
const LEG: Field = Field::required(
    "leg",
    Shape::Integer { min: 1, max: 1_000 },
    "The leg that it opens.",
);
const STATE: Field = Field::required(
    "state",
    Shape::Code(State::CODES),
    "live; or why it opens no more: ended with its leg, expired, locked by wrong codes, revoked.",
);
const MADE_AT: Field = Field::required("made_at", Shape::Instant, "When it was made.");
const EXPIRES_AT: Field = Field::required("expires_at", Shape::Instant, "When it stops opening.");

static MAKE: Route = Route {
    method: Method::Post,
    path: "/worklist/referrals/{id}/letters",
    id: "make_letter",
    summary: "Make a link and a code for a recipient without software, or send them anew: an earlier link of the referral ends at once.",
    access: Access::Scope(Scope::ReferralsWrite),
    query: &[],
    request: Some(Shape::Object(&Object {
        name: "NewLetter",
        fields: &[Field::optional(
            "expires_at",
            Shape::Instant,
            "When it stops opening; as the network's policy has it (letter_days) when left out, at most 365 days.",
        )],
    })),
    body_bytes_max: BODY_BYTES_MAX,
    success: &[Success {
        status: 201,
        doc: "The letter. Its link and its code are shown this once.",
        body: Some(Shape::Object(&Object {
            name: "MadeLetter",
            fields: &[
                ID,
                LEG,
                STATE,
                MADE_AT,
                EXPIRES_AT,
                Field::required(
                    "link",
                    Shape::line(500),
                    "The link. What opens it is in its fragment, which a browser sends nowhere.",
                ),
                Field::required(
                    "qr",
                    Shape::line(QR_CHARS_MAX),
                    "The link as a QR code: a picture (SVG), to be printed beside it.",
                ),
                Field::required(
                    "code",
                    Shape::line(20),
                    "The code, to be sent another way than the link.",
                ),
            ],
        })),
    }],
    problems: &[ProblemKind::GuardFailed],
};

static LIST: Route = Route {
    method: Method::Get,
    path: "/worklist/referrals/{id}/letters",
    id: "list_letters",
    summary: "List the letters of a referral, newest first, without what opens them.",
    access: Access::Scope(Scope::ReferralsRead),
    query: &[],
    request: None,
    body_bytes_max: 0,
    success: &[Success {
        status: 200,
        doc: "The newest 50.",
        body: Some(Shape::Object(&Object {
            name: "Letters",
            fields: &[Field::required(
                "items",
                Shape::list(&LETTER, list::SHOWN_MAX),
                "The letters.",
            )],
        })),
    }],
    problems: &[],
};

const LETTER: Shape = Shape::Object(&Object {
    name: "Letter",
    fields: &[
        ID,
        LEG,
        STATE,
        MADE_AT,
        EXPIRES_AT,
        Field::required(
            "to",
            Shape::line(250),
            "As whom the audit shows what is done by it.",
        ),
        Field::optional(
            "made_by",
            Shape::line(200),
            "The label of the key that made it.",
        ),
        Field::optional("opened_at", Shape::Instant, "When it was opened first."),
        Field::optional("last_opened_at", Shape::Instant, "When it was opened last."),
        Field::optional("locked_at", Shape::Instant, "When wrong codes locked it."),
        Field::optional(
            "revoked_at",
            Shape::Instant,
            "When it was revoked, or another took its place.",
        ),
    ],
});

static REVOKE: Route = Route {
    method: Method::Delete,
    path: "/worklist/referrals/{id}/letters/{letter}",
    id: "revoke_letter",
    summary: "Revoke a letter: its link and whoever has it open end at once.",
    access: Access::Scope(Scope::ReferralsWrite),
    query: &[],
    request: None,
    body_bytes_max: 0,
    success: &[Success {
        status: 204,
        doc: "It opens nothing any more.",
        body: None,
    }],
    problems: &[],
};

static OPEN: Route = Route {
    method: Method::Post,
    path: "/worklist/letters/open",
    id: "open_letter",
    summary: "Open a letter with its token and code: a browser gets a session that is confined to its leg.",
    access: Access::Public,
    query: &[],
    request: Some(Shape::Object(&Object {
        name: "OpenLetter",
        fields: &[
            Field::required("token", Shape::line(100), "What the link's fragment holds."),
            Field::required("code", Shape::line(40), "The code as it was typed."),
        ],
    })),
    body_bytes_max: BODY_BYTES_MAX,
    success: &[Success {
        status: 204,
        doc: "Opened: Set-Cookie has the session, which lasts 2 hours at most; Location is the page of the leg.",
        body: None,
    }],
    problems: &[
        ProblemKind::Unauthorized,
        ProblemKind::LinkEnded,
        ProblemKind::CrossSite,
    ],
};

/// The routes and what serves them.
pub(super) fn operations<P: Platform>() -> Vec<Operation<P>> {
    vec![
        Operation::new(&MAKE, |call| Box::pin(make::make(call))),
        Operation::new(&LIST, |call| Box::pin(list::list(call))),
        Operation::new(&REVOKE, |call| Box::pin(revoke::revoke(call))),
        Operation::new(&OPEN, |call| Box::pin(open::open(call))),
    ]
}
