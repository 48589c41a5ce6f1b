//! Who calls: an organisation's API key, or the operator.
//!
//! A use case puts [`Credentials::statement`] first in its one read batch and asks [`Credentials::caller`] with the row that
//! comes back, so that knowing the caller costs no round trip of its own. Only the hash of a key is stored and looked up.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use ports::{Platform, Row, Setting, Statement};
use sha2::Sha256;

use crate::call::Call;
use crate::crypto::{equal, sha256_hex};
use crate::http::{Access, Problem, SESSION_PREFIX};

/// What a key may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Send referrals.
    ReferralsWrite,
    /// Read referrals.
    ReferralsRead,
    /// Say what happened to a referral.
    EventsWrite,
    /// Read the measures.
    MeasuresRead,
    /// Change the own organisation's entry.
    DirectoryWrite,
    /// Run the sweep.
    SweepRun,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 6] = [
        Self::ReferralsWrite,
        Self::ReferralsRead,
        Self::EventsWrite,
        Self::MeasuresRead,
        Self::DirectoryWrite,
        Self::SweepRun,
    ];

    /// Every scope's name, in the same order.
    pub const NAMES: &'static [&'static str] = &[
        Self::ReferralsWrite.as_str(),
        Self::ReferralsRead.as_str(),
        Self::EventsWrite.as_str(),
        Self::MeasuresRead.as_str(),
        Self::DirectoryWrite.as_str(),
        Self::SweepRun.as_str(),
    ];

    /// The scope's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReferralsWrite => "referrals:write",
            Self::ReferralsRead => "referrals:read",
            Self::EventsWrite => "events:write",
            Self::MeasuresRead => "measures:read",
            Self::DirectoryWrite => "directory:write",
            Self::SweepRun => "sweep:run",
        }
    }

    /// The scope with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A key as the caller sent it.
#[derive(Clone)]
pub struct Bearer {
    text: String,
    hash: String,
}

impl Bearer {
    /// From the text after `Bearer`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            hash: sha256_hex(&[text.as_bytes()]),
        }
    }

    /// What is stored of a key: its SHA-256 in hexadecimal.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }
}

impl fmt::Debug for Bearer {
    /// Says that there is one; never which.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Bearer(…)")
    }
}

/// A person's or system's key of an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The key's id, as the audit shows it.
    pub key: String,
    /// Whose key it is, in the organisation's words.
    pub label: Option<String>,
    /// The organisation.
    pub organization: String,
    /// The organisation's network.
    pub network: String,
    /// The one leg that the key opens; `None` for a key that opens all that its organisation may see.
    pub confined_to: Option<Confined>,
    scopes: Vec<Scope>,
}

/// The leg of a referral to which a key is confined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confined {
    /// The referral's id.
    pub referral: String,
    /// The number of the leg, from 1.
    pub leg: i64,
}

impl Member {
    /// Whether the key has the scope.
    #[must_use]
    pub fn has(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    fn from_row(row: Option<&Row>, now_milliseconds: i64) -> Option<Self> {
        let row = row?;
        let is_over = |column: &str| row.integer(column).is_some_and(|at| at <= now_milliseconds);
        if is_over("key_expires_at") || is_over("key_revoked_at") {
            return None;
        }
        Some(Self {
            key: row.text("key_id")?.to_owned(),
            label: row.text("key_label").map(str::to_owned),
            organization: row.text("key_organization")?.to_owned(),
            network: row.text("key_network")?.to_owned(),
            confined_to: row.text("key_confined_to").map(|referral| Confined {
                referral: referral.to_owned(),
                leg: row.integer("key_leg").unwrap_or_default(),
            }),
            scopes: row
                .text("key_scopes")?
                .split(' ')
                .filter_map(Scope::parse)
                .collect(),
        })
    }
}

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// The holder of `ADMIN_KEY`.
    Operator,
    /// The holder of an organisation's key.
    Member(Member),
}

impl Caller {
    /// Whether the route is open to this caller.
    ///
    /// # Errors
    /// [`Problem::ForbiddenScope`] when it is not.
    pub fn check(&self, access: Access) -> Result<(), Problem> {
        match (access, self) {
            (Access::Public | Access::Key | Access::Signature, _) | (_, Self::Operator) => Ok(()),
            (
                Access::Scope(scope) | Access::Leg(scope) | Access::Letter(scope),
                Self::Member(member),
            ) => {
                if member.has(scope) {
                    Ok(())
                } else {
                    Err(Problem::ForbiddenScope { needs: Some(scope) })
                }
            }
            (Access::Operator, Self::Member(_)) => Err(Problem::ForbiddenScope { needs: None }),
        }
    }

    /// The caller as a member: what an organisation alone may do.
    ///
    /// # Errors
    /// [`Problem::Unauthorized`] for the operator, whom these functions do not know.
    pub fn member(&self) -> Result<&Member, Problem> {
        match self {
            Self::Operator => Err(Problem::Unauthorized { given: true }),
            Self::Member(member) => Ok(member),
        }
    }
}

/// What a caller showed, before anyone has looked whether it is right.
#[derive(Debug, Clone)]
pub struct Credentials {
    bearer: Bearer,
    operator: Operator,
    /// Whether the route opens to a key that is confined to a leg.
    opens_to_confined: bool,
}

/// Whether the key is the operator's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// The function should know the operator, and has no `ADMIN_KEY`.
    NotConfigured,
}

impl Credentials {
    /// What the caller showed, in a function that knows organisations alone.
    ///
    /// # Errors
    /// [`Problem::Unauthorized`] without a key.
    pub fn of_member<P: Platform>(call: &Call<P>) -> Result<Self, Problem> {
        Ok(Self {
            bearer: call.bearer()?,
            operator: Operator::No,
            opens_to_confined: call.route.access.opens_to_confined(),
        })
    }

    /// The key that somebody signs in with: not shown as a caller shows one, but given in the body of a call.
    ///
    /// # Errors
    /// [`Problem::Unauthorized`] for a session's token: a session makes no session.
    pub fn given(key: &str) -> Result<Self, Problem> {
        if key.starts_with(SESSION_PREFIX) {
            return Err(Problem::Unauthorized { given: true });
        }
        Ok(Self {
            bearer: Bearer::new(key),
            operator: Operator::No,
            opens_to_confined: false,
        })
    }

    /// What the caller showed, in a function that knows the operator too.
    ///
    /// # Errors
    /// [`Problem::Unauthorized`] without a key.
    pub async fn of_anyone<P: Platform>(call: &Call<P>) -> Result<Self, Problem> {
        let bearer = call.bearer()?;
        let admin_key = call.platform.setting(Setting::AdminKey).await;
        let operator = match admin_key.filter(|key| !key.is_empty()) {
            None => Operator::NotConfigured,
            Some(key) if equal(&key, &bearer.text) => Operator::Yes,
            Some(_) => Operator::No,
        };
        Ok(Self {
            bearer,
            operator,
            opens_to_confined: call.route.access.opens_to_confined(),
        })
    }

    /// The `problem` of what was sent, for whoever may call: nobody without a live key that has the route's access is told of it, but
    /// what is wrong with the key. One round trip.
    pub async fn refused<P: Platform>(&self, call: &Call<P>, problem: Problem) -> Problem {
        let answered = call.platform.batch(vec![self.statement()]).await;
        let checked = answered.map_err(Problem::from).and_then(|answer| {
            let caller = self.caller(answer.first(0), call.now_milliseconds())?;
            caller.check(call.route.access)
        });
        checked.err().unwrap_or(problem)
    }

    /// The hash by which the key is stored.
    #[must_use]
    pub fn hash(&self) -> &str {
        self.bearer.hash()
    }

    /// 256 bits that the same caller alone derives again, for `purpose` and `id`: HMAC-SHA-256 with the key as its key.
    #[must_use]
    pub fn derive(&self, purpose: &str, id: &str) -> Option<[u8; 32]> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.bearer.text.as_bytes()).ok()?;
        for part in [purpose, "\n", id] {
            mac.update(part.as_bytes());
        }
        Some(mac.finalize().into_bytes().into())
    }

    /// Whether the caller is the operator; known without the database.
    #[must_use]
    pub fn is_operator(&self) -> bool {
        self.operator == Operator::Yes
    }

    /// Reads the key with its organisation: one row, or none. For the first place in the read batch.
    #[must_use]
    pub fn statement(&self) -> Statement {
        Statement::new(KEY_WITH_ORGANIZATION, [self.bearer.hash().into()])
    }

    /// Who calls, by the first row of [`Credentials::statement`].
    ///
    /// # Errors
    /// [`Problem::Unauthorized`] when the key is unknown, expired or revoked, [`Problem::NotConfigured`] when it might have
    /// been the operator's and nobody can tell, [`Problem::Confined`] when the key opens one leg and the route does not say that
    /// it keeps to it: here, because every use case comes by.
    pub fn caller(&self, row: Option<&Row>, now_milliseconds: i64) -> Result<Caller, Problem> {
        match (self.operator, Member::from_row(row, now_milliseconds)) {
            (Operator::Yes, _) => Ok(Caller::Operator),
            (_, Some(member)) if member.confined_to.is_some() && !self.opens_to_confined => {
                Err(Problem::Confined)
            }
            (_, Some(member)) => Ok(Caller::Member(member)),
            (Operator::No, None) => Err(Problem::Unauthorized { given: true }),
            // A key that is on record is the organisation's, whatever became of it.
            (Operator::NotConfigured, None) if row.is_some() => {
                Err(Problem::Unauthorized { given: true })
            }
            (Operator::NotConfigured, None) => Err(Problem::NotConfigured(Setting::AdminKey)),
        }
    }
}

/// By the primary keys of all tables. A session goes by its parent's id, and ends with it; that it ends no later than its parent
/// expires is seen to where it begins.
const KEY_WITH_ORGANIZATION: &str = "
SELECT coalesce(parent.id, keys.id) AS key_id, keys.label AS key_label, keys.scopes AS key_scopes,
       keys.expires_at AS key_expires_at, coalesce(keys.revoked_at, parent.revoked_at) AS key_revoked_at,
       sessions.confined_to AS key_confined_to, sessions.leg AS key_leg,
       organizations.id AS key_organization, organizations.network AS key_network
FROM keys JOIN organizations ON organizations.id = keys.organization_id
LEFT JOIN sessions ON sessions.hash = keys.hash LEFT JOIN keys parent ON parent.hash = sessions.parent
WHERE keys.hash = ?1";

#[cfg(test)]
mod tests {
    use ports::Value;

    use super::*;

    const NOW: i64 = 1_000;

    fn row(expires_at: Option<i64>, revoked_at: Option<i64>) -> Row {
        confined_row(expires_at, revoked_at, None)
    }

    fn confined_row(
        expires_at: Option<i64>,
        revoked_at: Option<i64>,
        confined_to: Option<&str>,
    ) -> Row {
        let columns = [
            "key_id",
            "key_label",
            "key_scopes",
            "key_expires_at",
            "key_revoked_at",
            "key_organization",
            "key_network",
            "key_confined_to",
            "key_leg",
        ];
        Row::new(
            columns.map(str::to_owned).into(),
            vec![
                "key-1".into(),
                Value::Null,
                "referrals:read events:write".into(),
                expires_at.into(),
                revoked_at.into(),
                "north".into(),
                "valley".into(),
                confined_to.map(str::to_owned).into(),
                confined_to.map(|_| 2).into(),
            ],
        )
    }

    fn credentials(operator: Operator) -> Credentials {
        Credentials {
            bearer: Bearer::new("rl_x"),
            operator,
            opens_to_confined: false,
        }
    }

    #[test]
    fn a_live_key_is_its_organisations() {
        let caller = credentials(Operator::No)
            .caller(Some(&row(Some(NOW + 1), None)), NOW)
            .unwrap();
        let member = caller.member().unwrap();
        assert_eq!(
            (member.organization.as_str(), member.network.as_str()),
            ("north", "valley")
        );
        assert!(member.has(Scope::EventsWrite));
        assert!(!member.has(Scope::ReferralsWrite));
    }

    #[test]
    fn an_unknown_expired_or_revoked_key_is_nobodys() {
        for operator in [Operator::No, Operator::NotConfigured] {
            for row in [row(Some(NOW), None), row(None, Some(NOW))] {
                assert!(matches!(
                    credentials(operator).caller(Some(&row), NOW),
                    Err(Problem::Unauthorized { given: true })
                ));
            }
        }
        assert!(matches!(
            credentials(Operator::No).caller(None, NOW),
            Err(Problem::Unauthorized { given: true })
        ));
    }

    #[test]
    fn a_confined_key_opens_only_what_keeps_to_its_leg() {
        let row = confined_row(None, None, Some("ref-1"));
        let mut credentials = credentials(Operator::No);
        assert!(matches!(
            credentials.caller(Some(&row), NOW),
            Err(Problem::Confined)
        ));
        credentials.opens_to_confined = true;
        let caller = credentials.caller(Some(&row), NOW).unwrap();
        let confined = caller.member().unwrap().confined_to.clone();
        let referral = "ref-1".to_owned();
        assert_eq!(confined, Some(Confined { referral, leg: 2 }));
        assert!(caller.check(Access::Leg(Scope::EventsWrite)).is_ok());
        assert!(caller.check(Access::Leg(Scope::SweepRun)).is_err());
    }

    #[test]
    fn a_missing_admin_key_is_told_when_no_other_key_matches() {
        let credentials = credentials(Operator::NotConfigured);
        assert!(credentials.caller(Some(&row(None, None)), NOW).is_ok());
        assert!(matches!(
            credentials.caller(None, NOW),
            Err(Problem::NotConfigured(Setting::AdminKey))
        ));
    }

    #[test]
    fn a_route_is_open_to_its_scope_and_to_the_operator() {
        let member = credentials(Operator::No)
            .caller(Some(&row(None, None)), NOW)
            .unwrap();
        assert!(member.check(Access::Scope(Scope::EventsWrite)).is_ok());
        assert!(member.check(Access::Key).is_ok());
        assert!(matches!(
            member.check(Access::Scope(Scope::SweepRun)),
            Err(Problem::ForbiddenScope {
                needs: Some(Scope::SweepRun)
            })
        ));
        assert!(matches!(
            member.check(Access::Operator),
            Err(Problem::ForbiddenScope { needs: None })
        ));
        assert!(
            Caller::Operator
                .check(Access::Scope(Scope::SweepRun))
                .is_ok()
        );
        assert!(Caller::Operator.member().is_err());
    }

    #[test]
    fn scopes_are_read_back_by_their_names() {
        for (scope, name) in Scope::ALL.into_iter().zip(Scope::NAMES) {
            assert_eq!(Scope::parse(name), Some(scope));
        }
        assert_eq!(Scope::parse("all"), None);
    }
}
