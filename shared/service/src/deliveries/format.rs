//! The formats of endpoints, as they are stored. An endpoint without a row is sent JSON.

use ports::Statement;

/// What an endpoint is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Standard Webhooks' JSON.
    Json,
    /// FHIR R4: notifications of a Subscription.
    Fhir,
    /// HL7 v2 messages.
    Hl7,
}

impl Format {
    /// Every format's name.
    pub const CODES: &'static [&'static str] = &["json", "fhir", "hl7"];

    /// The format with this name; the default without one.
    #[must_use]
    pub fn parse(name: Option<&str>) -> Self {
        match name {
            Some("fhir") => Self::Fhir,
            Some("hl7") => Self::Hl7,
            _ => Self::Json,
        }
    }

    /// As it is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Fhir => "fhir",
            Self::Hl7 => "hl7",
        }
    }
}

/// What is stored of a new endpoint's format: its name, and for FHIR a Subscription that says no more than that. `base` is the address below
/// which what a notification names is read. To be written before its challenge, which goes into its lane.
#[must_use]
pub fn of_new_endpoint(
    organization: &str,
    endpoint: &str,
    format: Format,
    base: &str,
    now_milliseconds: i64,
) -> Vec<Statement> {
    if format == Format::Json {
        return Vec::new();
    }
    let mut statements = vec![Statement::new(
        INSERT,
        [endpoint.into(), format.as_str().into()],
    )];
    if format == Format::Fhir {
        statements.push(Statement::new(
            INSERT_SUBSCRIPTION,
            [
                endpoint.into(),
                organization.into(),
                base.into(),
                now_milliseconds.into(),
            ],
        ));
    }
    statements
}

/// Forgets an endpoint's format.
#[must_use]
pub fn forget_format(endpoint: &str) -> [Statement; 2] {
    [
        Statement::new(FORGET, [endpoint.into()]),
        Statement::new(FORGET_SUBSCRIPTION, [endpoint.into()]),
    ]
}

const INSERT: &str = "INSERT INTO endpoint_formats (endpoint_id, format) VALUES (?1, ?2)";

const INSERT_SUBSCRIPTION: &str = "
INSERT INTO subscriptions (endpoint_id, organization_id, base, document, updated_at) VALUES (?1, ?2, ?3, '{}', ?4)";

/// By the primary key.
const FORGET: &str = "DELETE FROM endpoint_formats WHERE endpoint_id = ?1";

/// By the primary key.
const FORGET_SUBSCRIPTION: &str = "DELETE FROM subscriptions WHERE endpoint_id = ?1";
