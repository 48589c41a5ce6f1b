//! Documents that are stored here and came with a referral: an item of the request names one by its address.
//!
//! The host before the path is not looked at: an address stays good when the deployment moves, and whoever may read is asked of the
//! database, never of the address.

use domain::request::Supporting;

/// The path below which documents are read.
pub const PATH: &str = "/worklist/documents/";

/// The id of a document that a URL names as one of ours.
#[must_use]
pub fn stored_id(url: &str) -> Option<&str> {
    let (_, id) = url.rsplit_once(PATH)?;
    let is_id = id.starts_with("doc-")
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_id.then_some(id)
}

/// The ids that items name.
#[must_use]
pub fn stored_ids(items: &[Supporting]) -> Vec<String> {
    let ids = items
        .iter()
        .filter_map(|item| stored_id(item.url.as_deref()?));
    ids.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_addresses_name_a_document_of_ours() {
        assert_eq!(stored_id("/worklist/documents/doc-1a"), Some("doc-1a"));
        assert_eq!(
            stored_id("https://loop.example/worklist/documents/doc-1a"),
            Some("doc-1a")
        );
        for other in [
            "https://a.example/doc-1a",
            "/worklist/documents/doc-1/../x",
            "/worklist/documents/x",
            "/worklist/documents/doc-1?a",
        ] {
            assert_eq!(stored_id(other), None, "{other}");
        }
    }
}
