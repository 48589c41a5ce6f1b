//! FHIR: JSON and XML are read, one becomes the other, and a referral is written and read again.

use domain::request::{Recipient, Request};
use formats::fhir::{from_xml, order, read_entries, read_service_request, read_task, to_xml};
use formats::said::Said;
use serde_json::Value;

use crate::cost::{Bound, bounded};
use crate::stretch;

const READING: Bound = Bound {
    held_a_byte: 400,
    loads_a_byte: 5_000,
};
const CONVERSION: Bound = Bound {
    held_a_byte: 400,
    loads_a_byte: 5_000,
};

/// Holds for a body of JSON.
pub fn json(bytes: &[u8]) {
    let value = bounded(bytes.len(), READING, || serde_json::from_slice(bytes));
    let Ok(value) = value else { return };
    resource(&value, bytes.len());
    if let Some(long) = stretch::chosen(bytes).and_then(|number| stretch::list(&value, number)) {
        let length = serde_json::to_string(&long).map_or(0, |text| text.len());
        let _ = bounded(length, READING, || read_entries(&long));
        bounded(length, CONVERSION, || to_xml(&long));
    }
    is_kept_by_xml(&value, bytes.len());
}

/// Holds for a body of XML.
pub fn xml(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let value = bounded(bytes.len(), CONVERSION, || from_xml(text));
    if let Some(number) = stretch::chosen(bytes) {
        for separator in *b"> \"" {
            let long = stretch::piece(bytes, separator, number);
            let long = long.and_then(|long| String::from_utf8(long).ok());
            if let Some(long) = long {
                let _ = bounded(long.len(), CONVERSION, || from_xml(&long));
            }
        }
    }
    let Ok(value) = value else { return };
    resource(&value, bytes.len());
    is_kept_by_xml(&value, bytes.len());
}

fn resource(value: &Value, length: usize) {
    let _ = bounded(length, READING, || read_task(value));
    let _ = bounded(length, READING, || read_service_request(value, &[]));
    let Ok(entries) = bounded(length, READING, || read_entries(value)) else {
        return;
    };
    for entry in entries {
        if let Ok(Said::Referral(new)) = &entry.said {
            referral(&new.request);
        }
    }
}

/// A referral that was read is written, and is the same when it is read again.
fn referral(request: &Request) {
    // The directory resolves who receives it.
    let mut request = request.clone();
    request.recipient = Recipient::Member {
        organization: "heart".to_owned(),
        service: None,
    };
    let written = order(&request, None);
    match read_service_request(&written, &[]) {
        Ok(again) => assert_eq!(again.request, request, "written as {written}"),
        Err(faults) => unreachable!("{faults:?} in {written}"),
    }
}

/// Not all can be written as FHIR's XML (an empty list, a list of lists, a name with a hyphen); what is written once stays.
fn is_kept_by_xml(value: &Value, length: usize) {
    if !value.is_object() {
        return;
    }
    let text = bounded(length, CONVERSION, || to_xml(value));
    if let Ok(once) = from_xml(&text) {
        assert_eq!(from_xml(&to_xml(&once)).as_ref(), Ok(&once), "{text}");
    }
}
