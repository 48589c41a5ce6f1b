//! Who takes part: a practice that refers, four that are referred to, their services and keys.

use std::collections::HashMap;

use anyhow::{Context, Result};
use in_process::Deployment;
use serde_json::{Value, json};

use crate::calendar::{DAY_MS, day};
use crate::story::Offer;

/// The network's id.
pub const NETWORK: &str = "demo-valley";

/// The family practice.
pub const PRACTICE: &str = "demo-riverside";
/// The heart centre.
pub const HEART: &str = "demo-heart-centre";
/// The university hospital, which refers too.
pub const UNIVERSITY: &str = "demo-university";
/// The eye clinic, which has no software of its own.
pub const EYES: &str = "demo-harbor-eye";
/// The rheumatology practice that has closed.
pub const JOINTS: &str = "demo-hillside";

pub const CARDIOLOGY: Offer = Offer {
    organization: HEART,
    service: "cardiology",
    code: "183519002",
    display: "Referral to cardiology service",
    question: "Is the exertional chest pain cardiac, and is a stress test needed?",
    summary: "Chest pain on exertion for six weeks, relieved by rest. Normal resting ECG. Smoked until 2019.",
    reason: ("I20.9", "Angina pectoris, unspecified"),
};
pub const UNIVERSITY_CARDIOLOGY: Offer = Offer {
    organization: UNIVERSITY,
    service: "cardiology",
    question: "New murmur with breathlessness: is it valve disease?",
    summary: "A systolic murmur that was not there last year, and breathless on one flight of stairs.",
    reason: ("R01.1", "Cardiac murmur, unspecified"),
    ..CARDIOLOGY
};
pub const ORTHOPAEDICS: Offer = Offer {
    organization: UNIVERSITY,
    service: "orthopaedics",
    code: "183545006",
    display: "Referral to orthopedic service",
    question: "Knee pain after a fall six weeks ago: is imaging or surgery needed?",
    summary: "Swollen for two weeks after the fall, gives way on stairs. X-ray without fracture.",
    reason: ("M25.561", "Pain in right knee"),
};
pub const OPHTHALMOLOGY: Offer = Offer {
    organization: EYES,
    service: "ophthalmology",
    code: "183543004",
    display: "Referral to ophthalmology service",
    question: "Diabetic for nine years: is there retinopathy?",
    summary: "HbA1c 8.1 %. Last eye examination four years ago. Vision unchanged.",
    reason: ("E11.9", "Type 2 diabetes mellitus without complications"),
};
pub const RHEUMATOLOGY: Offer = Offer {
    organization: JOINTS,
    service: "rheumatology",
    code: "183547003",
    display: "Referral to rheumatology service",
    question: "Symmetrical swelling of the fingers for three months: is it rheumatoid arthritis?",
    summary: "Morning stiffness for two hours. CRP raised, anti-CCP awaited.",
    reason: ("M25.50", "Pain in unspecified joint"),
};

const WORK: &[&str] = &[
    "referrals:write",
    "referrals:read",
    "events:write",
    "measures:read",
    "directory:write",
];
const DESK: &[&str] = &["referrals:read", "events:write"];
const QUALITY: &[&str] = &["measures:read", "referrals:read"];

/// A key: whose organisation, whose it is, what it is for, and what it may do. The first of an organisation makes the demo.
const KEYS: &[(&str, &str, &str, &[&str])] = &[
    (
        PRACTICE,
        "Rosa Exampleby",
        "the practice's referral coordinator",
        WORK,
    ),
    (
        PRACTICE,
        "Quincy Sampleton",
        "the practice's quality manager",
        QUALITY,
    ),
    (
        HEART,
        "Heart centre system",
        "the heart centre's own software",
        WORK,
    ),
    (
        HEART,
        "Hana Mockford",
        "the heart centre's front desk",
        DESK,
    ),
    (
        UNIVERSITY,
        "Omar Testington",
        "the university hospital's referral office",
        WORK,
    ),
    (
        JOINTS,
        "Jo Nonesuch",
        "the rheumatology practice that has closed",
        WORK,
    ),
];

/// Everybody who takes part.
#[derive(Debug)]
pub struct Network {
    /// The working key of each organisation.
    keys: HashMap<&'static str, String>,
    /// What is printed of each key.
    shown: Vec<Value>,
}

impl Network {
    /// Makes the network.
    ///
    /// # Errors
    /// When the directory refuses something.
    pub fn new(deployment: &Deployment) -> Result<Self> {
        for organization in organizations() {
            deployment.post(
                "/directory/organizations",
                deployment.admin_key(),
                &organization,
            )?;
        }
        for (organization, service) in services() {
            let path = format!("/directory/organizations/{organization}/services");
            deployment.post(&path, deployment.admin_key(), &service)?;
        }
        let (mut keys, mut shown) = (HashMap::new(), Vec::new());
        for (organization, label, who, scopes) in KEYS {
            let path = format!("/directory/organizations/{organization}/keys");
            let body = json!({"scopes": scopes, "label": label});
            let made = deployment.post(&path, deployment.admin_key(), &body)?;
            let key = made
                .get("key")
                .and_then(Value::as_str)
                .context("a key without a key")?;
            keys.entry(*organization).or_insert_with(|| key.to_owned());
            shown.push(
                json!({"organization": organization, "label": label, "who": who, "key": key}),
            );
        }
        Ok(Self { keys, shown })
    }

    /// The key that speaks for an organisation.
    ///
    /// # Errors
    /// When it has none.
    pub fn key(&self, organization: &str) -> Result<&str> {
        self.keys
            .get(organization)
            .map(String::as_str)
            .with_context(|| format!("no key of {organization}"))
    }

    /// The university hospital has its webhooks sent to a system that stops answering some days before today.
    ///
    /// # Errors
    /// When the directory refuses it.
    pub fn connect_one(&self, deployment: &Deployment) -> Result<()> {
        let path = format!("/directory/organizations/{UNIVERSITY}/endpoints");
        let body = json!({"url": "https://hooks.university.invalid/referrals"});
        deployment.post(&path, deployment.admin_key(), &body)?;
        Ok(())
    }

    /// The eye clinic says when it is free next.
    ///
    /// # Errors
    /// When the directory refuses it.
    pub fn announce(&self, deployment: &Deployment) -> Result<()> {
        let path = format!("/directory/organizations/{EYES}/services/ophthalmology");
        let body = json!({"next_available": day(deployment.now_ms() + 9 * DAY_MS)});
        deployment
            .call("PATCH", &path, deployment.admin_key(), Some(&body))?
            .expect(&[200])?;
        Ok(())
    }

    /// The rheumatology practice closes: what it still had shows up.
    ///
    /// # Errors
    /// When the directory refuses it.
    pub fn close_one(&self, deployment: &Deployment) -> Result<()> {
        let path = format!("/directory/organizations/{JOINTS}");
        let body = json!({"active": false});
        deployment
            .call("PATCH", &path, deployment.admin_key(), Some(&body))?
            .expect(&[200])?;
        Ok(())
    }

    /// What is printed.
    ///
    /// # Errors
    /// When the referral that waits was not made.
    pub fn told(&self, ids: &HashMap<&'static str, String>) -> Result<Value> {
        let sent = ids.get("sent").context("no referral waits for an answer")?;
        Ok(json!({"keys": self.shown, "sent": sent}))
    }
}

fn organizations() -> [Value; 5] {
    [
        json!({"id": PRACTICE, "name": "Riverside Family Practice (demo)", "network": NETWORK, "roles": ["referrer"],
            "contact": "phone +1 555 0101", "identifiers": [{"system": "urn:ietf:rfc:3986", "value": "urn:oid:2.999.1"}]}),
        json!({"id": HEART, "name": "Valley Heart Centre (demo)", "network": NETWORK, "roles": ["recipient"], "default_service": "cardiology",
            "identifiers": [{"system": "urn:ietf:rfc:3986", "value": "urn:oid:2.999.2"}]}),
        json!({"id": UNIVERSITY, "name": "University Hospital (demo)", "network": NETWORK, "roles": ["referrer", "recipient"]}),
        json!({"id": EYES, "name": "Harbor Eye Clinic (demo)", "network": NETWORK, "roles": ["recipient"], "connected": false,
            "contact": "phone +1 555 0170, fax +1 555 0171"}),
        json!({"id": JOINTS, "name": "Hillside Rheumatology (demo)", "network": NETWORK, "roles": ["recipient"]}),
    ]
}

fn services() -> Vec<(&'static str, Value)> {
    let service = |offer: &Offer,
                   specialty: &str,
                   location: &str,
                   languages: &[&str],
                   requirements: Value| {
        let body = json!({
            "id": offer.service,
            "specialty": specialty,
            "codes": [{"system": "http://snomed.info/sct", "code": offer.code, "display": offer.display}],
            "urgencies": ["routine", "urgent", "asap", "stat"],
            "locations": [location],
            "languages": languages,
            "requirements": requirements,
        });
        (offer.organization, body)
    };
    let heart = json!([
        {"id": "creatinine", "kind": "lab", "code": "2160-0", "display": "Creatinine", "max_age_days": 90, "level": "required"},
        {"id": "ecg", "kind": "document", "display": "Resting ECG", "max_age_days": 180, "level": "required"},
        {"id": "medication", "kind": "medication", "display": "Current medication", "level": "advisory"},
    ]);
    let knee = json!([{"id": "x-ray", "kind": "imaging", "display": "X-ray of the joint", "max_age_days": 365, "level": "advisory"}]);
    let eyes = json!([{"id": "hba1c", "kind": "lab", "code": "4548-4", "display": "HbA1c", "max_age_days": 120, "level": "advisory"}]);
    vec![
        service(
            &CARDIOLOGY,
            "cardiology",
            "12 Mill Lane, 10115 Riverside",
            &["en", "es"],
            heart,
        ),
        service(
            &UNIVERSITY_CARDIOLOGY,
            "cardiology",
            "1 Campus Road, 20220 Hill",
            &["en"],
            json!([]),
        ),
        service(
            &ORTHOPAEDICS,
            "orthopaedics",
            "1 Campus Road, 20220 Hill",
            &["en", "vi"],
            knee,
        ),
        service(
            &OPHTHALMOLOGY,
            "ophthalmology",
            "3 Harbor Street, 10117 Riverside",
            &["en", "es"],
            eyes,
        ),
        service(
            &RHEUMATOLOGY,
            "rheumatology",
            "8 Hillside Way, 20224 Hill",
            &["en"],
            json!([]),
        ),
    ]
}
