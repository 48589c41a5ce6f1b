//! Styles and scripts. A file's name holds a hash of its content, so that a browser may keep it for good: what changes has
//! another name.

use http::StatusCode;
use http::header::CACHE_CONTROL;
use ports::Platform;

use super::bare::bare;
use crate::call::Call;
use crate::http::{Access, Problem, Reply, Route};

/// What browsers are told of a file that never changes (RFC 8246).
const FOR_GOOD: &str = "public, max-age=31536000, immutable";

/// A file that a page links.
#[derive(Debug)]
pub(in crate::worklist) struct Asset {
    name: &'static str,
    content: &'static [u8],
    hash: u64,
    kind: Kind,
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Style,
    Script,
    Icon,
}

impl Asset {
    /// Where it is served.
    pub(in crate::worklist) fn path(&self) -> String {
        format!("{}assets/{}", super::BELOW, self.file_name())
    }

    /// Whether it is a style sheet.
    pub(in crate::worklist) fn is_style(&self) -> bool {
        self.kind == Kind::Style
    }

    /// Whether it is a script.
    pub(in crate::worklist) fn is_script(&self) -> bool {
        self.kind == Kind::Script
    }

    fn file_name(&self) -> String {
        let extension = match self.kind {
            Kind::Style => "css",
            Kind::Script => "js",
            Kind::Icon => "svg",
        };
        format!("{}.{:016x}.{extension}", self.name, self.hash)
    }
}

/// A file of `assets/`, read, bared and hashed when the program is built.
macro_rules! asset {
    ($name:literal, $extension:literal, $kind:expr) => {{
        const SOURCE: &[u8] = include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/assets/",
            $name,
            ".",
            $extension
        ));
        // Constants, so that nothing is worked out while somebody waits.
        const LENGTH: usize = bare::<0>(SOURCE).1;
        static CONTENT: [u8; LENGTH] = bare(SOURCE).0;
        const HASH: u64 = fnv1a(&bare::<LENGTH>(SOURCE).0);
        Asset {
            name: $name,
            content: &CONTENT,
            hash: HASH,
            kind: $kind,
        }
    }};
}

macro_rules! script {
    ($name:literal) => {
        asset!($name, "js", Kind::Script)
    };
}

macro_rules! style {
    ($name:literal) => {
        asset!($name, "css", Kind::Style)
    };
}

/// What stands for the page on a tab.
pub(in crate::worklist) static ICON: Asset = asset!("icon", "svg", Kind::Icon);

// A line a file, and its name in `ALL`.
pub(in crate::worklist) static SHELL_CSS: Asset = style!("shell");
pub(in crate::worklist) static SHELL_JS: Asset = script!("shell");
pub(in crate::worklist) static LIVE_JS: Asset = script!("live");
pub(in crate::worklist) static WORKLIST_CSS: Asset = style!("worklist");
pub(in crate::worklist) static WORKLIST_JS: Asset = script!("worklist");
pub(in crate::worklist) static REFERRAL_CSS: Asset = style!("referral");
pub(in crate::worklist) static REFERRAL_JS: Asset = script!("referral");
pub(in crate::worklist) static SIGN_IN_JS: Asset = script!("sign-in");
pub(in crate::worklist) static UNMATCHED_CSS: Asset = style!("unmatched");
pub(in crate::worklist) static UNMATCHED_JS: Asset = script!("unmatched");
pub(in crate::worklist) static DELIVERIES_JS: Asset = script!("deliveries");
pub(in crate::worklist) static MEASURES_CSS: Asset = style!("measures");
pub(in crate::worklist) static MEASURES_JS: Asset = script!("measures");
pub(in crate::worklist) static NEW_REFERRAL_CSS: Asset = style!("new-referral");
pub(in crate::worklist) static NEW_REFERRAL_FORM_JS: Asset = script!("new-referral-form");
pub(in crate::worklist) static NEW_REFERRAL_JS: Asset = script!("new-referral");
pub(in crate::worklist) static LETTER_CSS: Asset = style!("letter");
pub(in crate::worklist) static LETTER_OPENING_JS: Asset = script!("letter-opening");
pub(in crate::worklist) static LETTER_SHEET_JS: Asset = script!("letter-sheet");
pub(in crate::worklist) static LETTER_LEG_JS: Asset = script!("letter-leg");

/// Every file.
static ALL: &[&Asset] = &[
    &ICON,
    &SHELL_CSS,
    &SHELL_JS,
    &LIVE_JS,
    &SIGN_IN_JS,
    &WORKLIST_CSS,
    &WORKLIST_JS,
    &UNMATCHED_CSS,
    &UNMATCHED_JS,
    &DELIVERIES_JS,
    &MEASURES_CSS,
    &MEASURES_JS,
    &REFERRAL_CSS,
    &REFERRAL_JS,
    &NEW_REFERRAL_CSS,
    &NEW_REFERRAL_FORM_JS,
    &NEW_REFERRAL_JS,
    &LETTER_CSS,
    &LETTER_OPENING_JS,
    &LETTER_SHEET_JS,
    &LETTER_LEG_JS,
];

pub(super) static FILE: Route =
    super::view("/worklist/pages/assets/{file}", "page_file", Access::Public);

/// Serves a file.
pub(super) async fn file<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let name = call.parameter("file");
    let asset = ALL
        .iter()
        .find(|asset| asset.file_name() == name)
        .ok_or(Problem::NotFound)?;
    let media_type = match asset.kind {
        Kind::Style => "text/css; charset=utf-8",
        Kind::Script => "text/javascript; charset=utf-8",
        Kind::Icon => "image/svg+xml",
    };
    let reply = Reply::bytes(StatusCode::OK, media_type, asset.content);
    Ok(reply.header(CACHE_CONTROL, FOR_GOOD))
}

/// FNV-1a with 64 bits: enough to tell one version of our own file from another, and no more is asked of it.
const fn fnv1a(bytes: &[u8]) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut rest = bytes;
    while let [first, others @ ..] = rest {
        hash = (hash ^ *first as u64).wrapping_mul(0x0000_0100_0000_01b3);
        rest = others;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_that_of_the_published_tests() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn every_file_has_a_name_of_its_own_that_its_path_ends_with() {
        let mut names: Vec<_> = ALL.iter().map(|asset| asset.file_name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
        assert!(SHELL_CSS.path().ends_with(&SHELL_CSS.file_name()));
    }

    #[test]
    fn no_file_fetches_anything_from_elsewhere() {
        for asset in ALL {
            // The name of a namespace is nothing that is fetched.
            let content = std::str::from_utf8(asset.content).unwrap();
            let content = content.replace("http://www.w3.org/2000/svg", "");
            assert!(!content.contains("://"), "{}", asset.name);
        }
    }
}
