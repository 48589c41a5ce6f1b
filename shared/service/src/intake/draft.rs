//! A request that is still being written: what is right in it, so that a check can say how far it has come.

use serde_json::{Map, Value, json};

use crate::http::{Fault, Place};

/// What stands for a required member that is not there yet: it says nothing, and counts as missing.
fn neutral() -> Value {
    json!({
        "patient": {
            "identifier": {"system": "", "value": ""},
            "name": {"family": "", "given": []},
            "birth_date": "1900-01-01",
        },
        "recipient": {"organization": super::reading::NOBODY},
        "service": {"system": "", "code": ""},
        "urgency": "routine",
        "clinical_question": "",
        "role": "evaluate",
        "preparation": {"agreed": "undecided", "barriers": []},
    })
}

/// The body without what has `faults`, and with something neutral where it lacks what a request must have. It has the shape of a
/// request then, whatever it was before.
pub(super) fn without_faults(body: Value, faults: &[Fault]) -> Value {
    let mut neutral = neutral();
    let mut body = match body {
        Value::Object(members) => Value::Object(members),
        _ => Value::Object(Map::new()),
    };
    for fault in faults {
        if let Place::Body(pointer) = &fault.place {
            remove(&mut body, &neutral, pointer);
        }
    }
    // An office outside the network is whom it is for, and no organisation beside it.
    if let (Some(_), Value::Object(members)) = (body.pointer("/recipient/external"), &mut neutral) {
        members.remove("recipient");
    }
    filled(body, neutral)
}

/// Takes out the smallest part that a request can do without and that holds the place: an item of a list, or a member.
fn remove(body: &mut Value, neutral: &Value, pointer: &str) {
    let mut segments = pointer.split('/').skip(1).peekable();
    let (mut place, mut known) = (body, Some(neutral));
    while let Some(segment) = segments.next() {
        let Some(members) = place.as_object_mut() else {
            return;
        };
        known = known.and_then(|known| known.get(segment));
        let is_list = members.get(segment).is_some_and(Value::is_array);
        match segments.peek().map(|next| next.parse::<usize>()) {
            // Not taken out yet, so that the places of the other faults stay what they are.
            Some(Ok(index)) if is_list => {
                if let Some(item) = members.get_mut(segment).and_then(|it| it.get_mut(index)) {
                    *item = Value::Null;
                }
                return;
            }
            Some(_) if known.is_some_and(Value::is_object) => match members.get_mut(segment) {
                Some(member) => place = member,
                None => return,
            },
            _ => {
                members.remove(segment);
                return;
            }
        }
    }
}

fn filled(body: Value, neutral: Value) -> Value {
    match (body, neutral) {
        (Value::Object(mut members), Value::Object(neutral)) => {
            for (name, neutral) in neutral {
                let member = members.remove(&name).unwrap_or(Value::Null);
                members.insert(name, filled(member, neutral));
            }
            members.values_mut().for_each(without_nothing);
            Value::Object(members)
        }
        (Value::Null, neutral) => neutral,
        (body, _) => body,
    }
}

fn without_nothing(member: &mut Value) {
    if let Value::Array(items) = member {
        items.retain(|item| !item.is_null());
    }
}

#[cfg(test)]
mod tests {
    use domain::request::Request;

    use super::*;
    use crate::call::read;
    use crate::referrals::REQUEST;

    #[track_caller]
    fn check(body: Value, pointer: &str, want: Value) {
        let draft = without_faults(body.clone(), &REQUEST.faults(&body));
        assert_eq!(draft.pointer(pointer), Some(&want), "{draft}");
        read::<Request>(draft).unwrap();
    }

    #[test]
    fn what_is_no_object_is_a_draft_that_says_nothing() {
        for body in [
            json!(null),
            json!([]),
            json!("x"),
            json!({}),
            json!({"patient": 5}),
        ] {
            check(body, "/patient/name/family", json!(""));
        }
    }

    #[test]
    fn an_office_outside_the_network_stays_whom_it_is_for() {
        let office = json!({"external": {"name": "Dr Nobody"}});
        check(json!({"recipient": office}), "/recipient", office);
        let nameless = json!({"recipient": {"external": {"fax": "1"}}});
        let nobody = json!({"organization": crate::intake::reading::NOBODY});
        check(nameless, "/recipient", nobody);
    }

    #[test]
    fn only_what_has_a_fault_is_left_out() {
        let patient =
            json!({"name": {"family": "Rivera", "given": ["Ana", 5, "María"]}, "phone": "?"});
        check(
            json!({"patient": patient}),
            "/patient/name",
            json!({"family": "Rivera", "given": ["Ana", "María"]}),
        );
        let note = json!({"kind": "note", "display": "Letter", "date": "2026-03-01"});
        let undated = json!({"kind": "note", "display": "Letter"});
        check(
            json!({"supporting": [undated, note, undated]}),
            "/supporting",
            json!([note]),
        );
        check(
            json!({"requester": {"phone": "1"}, "summary": "Long."}),
            "/summary",
            json!("Long."),
        );
        check(
            json!({"preparation": {"agreed": "maybe", "reason": "Said so."}}),
            "/preparation/reason",
            json!("Said so."),
        );
        check(
            json!({"service": {"system": "urn:x", "code": ""}}),
            "/service",
            json!({"system": "urn:x", "code": ""}),
        );
    }
}
