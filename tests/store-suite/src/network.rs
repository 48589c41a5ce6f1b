//! A network of a case's own: two organisations, and the referrals from one to the other.

use domain::attention::Surroundings;
use domain::event::{Author, Event};
use domain::fold::fold;
use domain::kind::EventKind;
use domain::payload::Payload;
use domain::policy::Policy;
use domain::status::Side;
use domain::time::Timestamp;
use ports::{Platform, Statement};
use serde_json::{Value, json};
use service::metered::{Meter, Metered};
use service::receipts::{Answered, Owner, Receipt};
use service::referrals::{Evaluated, Link, NewReferral};

use crate::Failure;

/// The assigner of every identifier that the cases use; the values are a case's own.
pub const SYSTEM: &str = "urn:suite:identifiers";

const INSERT_ORGANIZATION: &str = "
INSERT INTO organizations (id, network, document, created_at, updated_at)
VALUES (?1, ?2, '{\"name\":\"Suite\",\"active\":true,\"connected\":true}', ?3, ?3)";

/// The network, and the platform under it.
pub struct Network<P> {
    /// The platform that is tested, as the service uses it.
    pub platform: Metered<P>,
    /// What sets this run of this case apart.
    pub scope: String,
    /// The time that the case began.
    pub now: Timestamp,
}

impl<P: Platform> Network<P> {
    /// Stores the organisations.
    pub async fn new(platform: &P) -> Result<Self, Failure> {
        let scope: String = platform
            .random()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let network = Self {
            platform: Metered::new(platform.clone(), Meter::default()),
            now: Timestamp::from_millisecond(platform.now())?,
            scope,
        };
        let insert = |id: String| {
            let at = network.now.as_millisecond();
            Statement::new(
                INSERT_ORGANIZATION,
                [id.into(), network.scope.as_str().into(), at.into()],
            )
        };
        let statements = vec![insert(network.referrer()), insert(network.recipient())];
        platform.batch(statements).await?;
        Ok(network)
    }

    /// The organisation that refers.
    pub fn referrer(&self) -> String {
        format!("north-{}", self.scope)
    }

    /// The organisation that is referred to.
    pub fn recipient(&self) -> String {
        format!("heart-{}", self.scope)
    }

    /// The id of the referral called `name`.
    pub fn referral(&self, name: &str) -> String {
        format!("ref-{}-{name}", self.scope)
    }

    /// An event of `referral`. Its data is what the kind takes.
    pub fn event(
        &self,
        referral: &str,
        name: &str,
        kind: EventKind,
        side: Side,
        data: Value,
    ) -> Result<Event, Failure> {
        let organization = match side {
            Side::Referrer => self.referrer(),
            Side::Recipient => self.recipient(),
        };
        Ok(Event {
            id: format!("{referral}.{name}"),
            kind,
            data: Payload::read(kind, data)?.into(),
            by: Author {
                organization: Some(organization),
                side: Some(side),
                label: None,
            },
            occurred_at: self.now,
            recorded_at: self.now,
            source: "api".to_owned(),
            source_id: None,
            reported_by: None,
            implied_by: None,
            implied_step: None,
            implied_because: None,
        })
    }

    /// A message that moves nothing.
    pub fn note(&self, referral: &str, name: &str) -> Result<Event, Failure> {
        let data = json!({ "note": name });
        self.event(
            referral,
            name,
            EventKind::ReferralNote,
            Side::Referrer,
            data,
        )
    }

    /// A receipt of the referrer for the key called `name`.
    pub fn receipt(&self, name: &str) -> Receipt {
        let key = format!("{name}-{}", self.scope);
        Receipt::new(key, "POST", "/suite", name.as_bytes())
    }

    /// The statements of a new referral: its receipt, then the referral, sent at `at`.
    pub fn new_referral(
        &self,
        id: &str,
        placer: Option<&str>,
        at: Timestamp,
    ) -> Result<Vec<Statement>, Failure> {
        let data = json!({
            "request": self.request(placer),
            "referrer": self.referrer(),
            "network": self.scope,
        });
        let mut sent = self.event(id, "sent", EventKind::ReferralSent, Side::Referrer, data)?;
        sent.occurred_at = at;
        sent.recorded_at = at;
        let folded = fold(std::slice::from_ref(&sent))
            .ok_or_else(|| Failure::Case("a request folds to nothing".to_owned()))?;
        let link = Link::new(id, 1, "", &sent)?;
        let answered = Answered {
            status: 201,
            referral: Some((id.to_owned(), 1)),
            answer: None,
        };
        let referrer = self.referrer();
        let owner = Owner::Organization(&referrer);
        let receipt = self.receipt(id);
        let mut statements = vec![receipt.write(owner, &answered, at.as_millisecond())];
        statements.extend(
            NewReferral {
                id,
                links: std::slice::from_ref(&link),
                referral: &folded.referral,
                request: &folded.request,
                evaluated: &Evaluated::new(&folded.referral, &Policy::default(), around(), at),
                now: at,
            }
            .statements()?,
        );
        Ok(statements)
    }

    /// Stores a referral that was sent now, and gives its id.
    pub async fn refer(&self, name: &str) -> Result<String, Failure> {
        let id = self.referral(name);
        let statements = self.new_referral(&id, None, self.now)?;
        self.platform.batch(statements).await?;
        Ok(id)
    }

    fn request(&self, placer: Option<&str>) -> Value {
        let mut request = json!({
            "patient": {
                "identifier": {"system": SYSTEM, "value": self.scope},
                "name": {"family": "Suite", "given": ["Case"]},
                "birth_date": "1980-02-29",
            },
            "recipient": {"organization": self.recipient(), "service": "cardiology"},
            "service": {"system": "http://snomed.info/sct", "code": "183519002"},
            "urgency": "routine",
            "clinical_question": "Is this angina?",
            "role": "evaluate",
            "preparation": {"agreed": "yes"},
        });
        if let (Value::Object(members), Some(value)) = (&mut request, placer) {
            let placer = json!({"system": SYSTEM, "value": value});
            members.insert("placer".to_owned(), placer);
        }
        request
    }
}

/// Both organisations take part.
pub const fn around() -> Surroundings {
    Surroundings {
        referrer_active: true,
        recipient_active: true,
        delivery_failed: false,
    }
}
