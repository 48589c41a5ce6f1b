//! The page for people: HTML made here, with small scripts beside it, at `/worklist/` and below `/worklist/pages/`.
//!
//! A view shows what the API shows and changes nothing itself: its buttons call the contract's own routes, to which the session's
//! cookie opens as a key does. The one exception is a form that must not put its fields into a URL: it is posted here.
//!
//! # A view in five steps
//!
//! 1. A file here with its route (`access` as the API's route has it, path below [`BELOW`]) and a handler:
//!
//!    ```ignore
//!    pub(in crate::worklist) async fn page<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
//!        let credentials = Credentials::of_member(&call)?;
//!        let answer = call.platform.batch(vec![credentials.statement(), …]).await?;
//!        let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
//!        caller.check(call.route.access)?;
//!        let texts = TEXTS.of(Language::of(&call.headers));
//!        let shell = Shell::new(&call, caller.member()?, Place::Measures, texts.title).with(&[&assets::CHARTS_JS]);
//!        html(&View { shell, texts, … })
//!    }
//!    ```
//!
//!    What it shows of a patient is recorded by [`super::reads`], as the API's reads are. Its table of operations says
//!    `Operation::new(&ROUTE, |call| Box::pin(shown(call, view::page)))`: [`shown`] makes a problem a page, and asks who is not
//!    signed in to do so.
//! 2. A template in `templates/` that begins with `{% extends "shell.html" %}` and fills `{% block content %}`.
//! 3. Its texts in a struct of its own with one field a text, and a `static TEXTS: InEach<Texts>`: a language that lacks one does
//!    not compile. Codes have their labels in [`labels`].
//! 4. Styles and scripts in `assets/`, a file a view, with a line each in [`assets`]; a comment has its lines to itself ([`bare`] takes it
//!    out), and no text goes over several lines. No script or style stands in a page: the
//!    policy in [`answer`] forbids it. What a script has to know stands in `data-` attributes.
//! 5. A line in [`shell::NAVIGATION`], where people should find it there.
//!
//! What should be swapped while somebody looks at it stands in an element with an `id` and `data-live-part`; `live.js` says how.

mod answer;
mod assets;
mod bare;
mod compose;
mod deliveries;
mod faults;
mod home;
mod labels;
mod language;
mod letter;
mod live;
mod measures;
mod referral;
mod rows;
mod search;
mod shell;
mod unmatched;
mod worklist;

use ports::Platform;

use self::answer::shown;

use crate::http::{Access, Method, Operation, Route, Success};

/// What the paths of views and of their files begin with.
pub(crate) const BELOW: &str = "/worklist/pages/";

/// Where the link of a letter leads; the page of its leg is below.
pub(crate) const LETTER_PATH: &str = "/worklist/pages/letter";

/// What a route of a view answers.
pub(super) const PAGE: &[Success] = &[Success {
    status: 200,
    doc: "A page for people.",
    body: None,
}];

/// The route of a view that is read.
pub(super) const fn view(path: &'static str, id: &'static str, access: Access) -> Route {
    Route {
        method: Method::Get,
        path,
        id,
        summary: "Show a view to a person.",
        access,
        query: &[],
        request: None,
        body_bytes_max: 0,
        success: PAGE,
        problems: &[],
    }
}

/// The routes and what serves them.
pub(super) fn operations<P: Platform>() -> Vec<Operation<P>> {
    let mut operations = vec![
        Operation::new(&home::HOME, |call| Box::pin(home::page(call))),
        Operation::new(&home::ROOT, |_| Box::pin(home::lead())),
        Operation::new(&home::BARE, |_| Box::pin(home::lead())),
        Operation::new(&assets::FILE, |call| Box::pin(assets::file(call))),
        Operation::new(&language::CHOOSE, |call| Box::pin(language::choose(call))),
        Operation::new(&live::VERSION, |call| Box::pin(live::version(call))),
        Operation::new(&search::SEARCH, |call| Box::pin(shown(call, search::page))),
        Operation::new(&unmatched::UNMATCHED, |call| {
            Box::pin(shown(call, unmatched::page))
        }),
        Operation::new(&deliveries::DELIVERIES, |call| {
            Box::pin(shown(call, deliveries::page))
        }),
        Operation::new(&measures::ROUTE, |call| {
            Box::pin(shown(call, measures::page))
        }),
        Operation::new(&referral::ONE, |call| Box::pin(shown(call, referral::page))),
        Operation::new(&referral::RECIPIENTS, |call| {
            Box::pin(referral::offered(call))
        }),
        Operation::new(&compose::NEW, |call| Box::pin(shown(call, compose::page))),
    ];
    operations.extend(letter::operations());
    operations
}
