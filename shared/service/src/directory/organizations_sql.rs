//! The statements of organisations, each with the index it uses.

/// By the primary key; a conflict means that the id is taken.
pub const INSERT: &str = "
INSERT INTO organizations (id, network, document, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?4)";

/// By the primary key of `organization_identifiers`; a conflict means that one is another organisation's.
pub const INSERT_IDENTIFIERS: &str = "
INSERT INTO organization_identifiers (network, system, value, organization_id)
SELECT ?1, value ->> '$.system', value ->> '$.value', ?2 FROM json_each(?3)";

/// By the first column of the primary key: the identifiers of one network.
pub const DELETE_IDENTIFIERS: &str = "
DELETE FROM organization_identifiers WHERE network = ?1 AND organization_id = ?2";

/// By the primary key.
pub const SELECT: &str = "
SELECT id, network, document, created_at, updated_at FROM organizations WHERE id = ?1";

/// By the primary key, from the cursor on.
pub const LIST: &str = "
SELECT id, network, document, created_at, updated_at FROM organizations WHERE id > ?1 ORDER BY id LIMIT ?2";

/// By the primary keys of `keys` and `organizations`: the one organisation that a key may see.
pub const LIST_OF_KEY: &str = "
SELECT id, network, document, created_at, updated_at FROM organizations
WHERE id = (SELECT organization_id FROM keys WHERE hash = ?1) AND id > ?2";

/// By the primary key. Merges the patch into what is there now (RFC 7396).
pub const PATCH: &str = "
UPDATE organizations SET document = json_patch(document, ?2), updated_at = ?3 WHERE id = ?1
RETURNING id, network, document, created_at, updated_at";
