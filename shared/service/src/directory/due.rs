//! Open referrals that a change of the directory concerns are made due at once: the sweep works them out again, in slices.

use ports::Statement;

/// After a network's policy changed.
pub fn of_network(network: &str, now_milliseconds: i64) -> Statement {
    Statement::new(NETWORK, [network.into(), now_milliseconds.into()])
}

/// Beside it: messages that fit no referral are due by the policy too.
pub fn messages_of_network(network: &str, now_milliseconds: i64) -> Statement {
    Statement::new(MESSAGES, [network.into(), now_milliseconds.into()])
}

/// After an organisation became active or inactive.
pub fn of_organization(organization: &str, now_milliseconds: i64) -> Statement {
    Statement::new(ORGANIZATION, [organization.into(), now_milliseconds.into()])
}

/// After the limits of a service changed.
pub fn of_service(organization: &str, service: &str, now_milliseconds: i64) -> Statement {
    let parameters = [organization.into(), service.into(), now_milliseconds.into()];
    Statement::new(SERVICE, parameters)
}

/// By `referrals_due`, both halves of it: reads what is open, writes what is the network's.
const NETWORK: &str = "
UPDATE referrals SET next_due_at = ?2
WHERE (urgency IN ('stat', 'asap')) IN (0, 1) AND next_due_at > ?2 AND network = ?1";

/// By `unmatched_chases_due` and the primary key of `organizations`. One that everybody was told of stays so.
const MESSAGES: &str = "
UPDATE unmatched_chases SET next_at = ?2 WHERE next_at > ?2
  AND (SELECT network FROM organizations o WHERE o.id = unmatched_chases.organization) = ?1";

/// By `referrals_due`, both halves of it: reads what is open, writes what is the organisation's.
const ORGANIZATION: &str = "
UPDATE referrals SET next_due_at = ?2
WHERE (urgency IN ('stat', 'asap')) IN (0, 1) AND next_due_at > ?2 AND (referrer = ?1 OR recipient = ?1)";

/// By `referrals_due`, both halves of it: reads what is open, writes what is the service's.
const SERVICE: &str = "
UPDATE referrals SET next_due_at = ?3
WHERE (urgency IN ('stat', 'asap')) IN (0, 1) AND next_due_at > ?3 AND recipient = ?1 AND service = ?2";
