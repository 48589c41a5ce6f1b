//! Documents that came within a resource, as base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::payload::Document;

use super::node::Node;
use super::reader::Reader;

/// A document that came within a message, to be stored; the event names it by [`ATTACHED`] and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its title.
    pub title: String,
    /// Its media type.
    pub media_type: Option<String>,
    /// The document itself.
    pub content: Vec<u8>,
}

/// What the URL of a document begins with that came within the message; its place among the attachments follows.
pub const ATTACHED: &str = "urn:referral-loop:attachment:";

/// The text of an Attachment of type text/plain.
pub(super) fn text_of(attachment: &Node<'_>) -> Option<String> {
    let bytes = STANDARD.decode(attachment.text("data")?).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    (!text.trim().is_empty()).then_some(text)
}

impl<'a> Reader<'_, 'a> {
    /// An Attachment as a document of a report: where it is, or what came with it.
    pub fn document(
        &mut self,
        attachment: &Node<'a>,
        title: &str,
        attached: &mut Vec<Attachment>,
    ) -> Option<Document> {
        let title = attachment.text("title").unwrap_or(title).to_owned();
        let media_type = attachment.text("contentType").map(str::to_owned);
        if let Some(url) = attachment.text("url") {
            return Some(Document::Linked {
                title,
                media_type,
                url: url.to_owned(),
            });
        }
        let data = attachment.child("data")?;
        let Some(content) = data
            .value
            .as_str()
            .and_then(|text| STANDARD.decode(text.trim()).ok())
        else {
            self.fault(data.at, "value", "must be base64");
            return None;
        };
        let url = format!("{ATTACHED}{}", attached.len());
        attached.push(Attachment {
            title: title.clone(),
            media_type: media_type.clone(),
            content,
        });
        Some(Document::Linked {
            title,
            media_type,
            url,
        })
    }
}
