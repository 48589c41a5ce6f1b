//! Standard Webhooks 1.0.0: signs what we send and checks what we get.
//!
//! Ours, because the published crate reads the clock, which panics on Workers. Its results are compared with that crate and
//! with the published vectors in the tests.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use sha2::Sha256;

use super::master::SigningSecret;

/// How far a timestamp may be from our clock, either way.
pub const TOLERANCE_SECONDS: i64 = 300;

/// How many entries of `webhook-signature` are looked at; a rotation sends two.
pub const SIGNATURES_MAX: usize = 16;

/// The most characters of `webhook-id`.
const ID_CHARS_MAX: usize = 255;

/// The version of the signatures that we make and take: HMAC-SHA256.
const VERSION: &str = "v1";

/// The signed headers of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signed<'a> {
    /// `webhook-id`: the same however often the webhook is sent.
    pub id: &'a str,
    /// `webhook-timestamp`: when it was sent, in seconds since the Unix epoch.
    pub unix_seconds: i64,
    signatures: &'a str,
}

/// Why a webhook is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// A header is missing or cannot be read.
    #[error("webhook-id, webhook-timestamp or webhook-signature is missing or unreadable")]
    Headers,
    /// The timestamp is too far from our clock.
    #[error("the timestamp is more than 5 minutes away")]
    Timestamp,
    /// No signature holds.
    #[error("no signature holds")]
    Mismatch,
}

impl<'a> Signed<'a> {
    /// Reads the three headers.
    ///
    /// # Errors
    /// [`SignatureError::Headers`] when one is missing, the id is not 1 to 255 visible characters, or the timestamp is no
    /// whole number.
    pub fn from_headers(headers: &'a HeaderMap) -> Result<Self, SignatureError> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let id = text("webhook-id")
            .filter(|id| (1..=ID_CHARS_MAX).contains(&id.len()))
            .filter(|id| id.bytes().all(|byte| byte.is_ascii_graphic()))
            .ok_or(SignatureError::Headers)?;
        let unix_seconds = text("webhook-timestamp")
            .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|text| text.parse().ok())
            .ok_or(SignatureError::Headers)?;
        let signatures = text("webhook-signature").ok_or(SignatureError::Headers)?;
        Ok(Self {
            id,
            unix_seconds,
            signatures,
        })
    }
}

/// The value of `webhook-signature` for one secret. Several go into one header, separated by spaces.
#[must_use]
pub fn sign(secret: &SigningSecret, id: &str, unix_seconds: i64, body: &[u8]) -> String {
    let code = mac(secret, id, unix_seconds, body)
        .map(|mac| STANDARD.encode(mac.finalize().into_bytes()))
        .unwrap_or_default();
    format!("{VERSION},{code}")
}

/// Whether one of the signatures is that of one of the live secrets, and the timestamp is near `now_seconds`.
///
/// # Errors
/// [`SignatureError::Timestamp`], [`SignatureError::Mismatch`].
pub fn verify(
    secrets: &[SigningSecret],
    signed: &Signed<'_>,
    body: &[u8],
    now_seconds: i64,
) -> Result<(), SignatureError> {
    if signed.unix_seconds.abs_diff(now_seconds) > TOLERANCE_SECONDS.unsigned_abs() {
        return Err(SignatureError::Timestamp);
    }
    // An entry of another version, without a comma or without base64 is somebody else's, not a fault.
    let codes = signed
        .signatures
        .split(' ')
        .take(SIGNATURES_MAX)
        .filter_map(|entry| entry.split_once(','))
        .filter(|(version, _)| *version == VERSION)
        .filter_map(|(_, code)| STANDARD.decode(code).ok());
    for code in codes {
        for secret in secrets {
            let holds = mac(secret, signed.id, signed.unix_seconds, body)
                .is_some_and(|mac| mac.verify_slice(&code).is_ok());
            if holds {
                return Ok(());
            }
        }
    }
    Err(SignatureError::Mismatch)
}

/// The code over `{id}.{timestamp}.{body}`. HMAC takes a key of any length, so there always is one.
fn mac(secret: &SigningSecret, id: &str, unix_seconds: i64, body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(id.as_bytes());
    mac.update(format!(".{unix_seconds}.").as_bytes());
    mac.update(body);
    Some(mac)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const SECONDS: i64 = 1_614_265_330;
    const BODY: &[u8] = br#"{"test": 2432232314}"#;

    fn secret() -> SigningSecret {
        SigningSecret::parse(SECRET).unwrap()
    }

    fn headers(id: &str, timestamp: &str, signature: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("webhook-id", id),
            ("webhook-timestamp", timestamp),
            ("webhook-signature", signature),
        ] {
            headers.insert(name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn check_at(signature: &str, now_seconds: i64) -> Result<(), SignatureError> {
        let headers = headers(ID, &SECONDS.to_string(), signature);
        let signed = Signed::from_headers(&headers).unwrap();
        let other = SigningSecret::parse("whsec_AAAA").unwrap();
        verify(&[other, secret()], &signed, BODY, now_seconds)
    }

    fn check(signature: &str) -> Result<(), SignatureError> {
        check_at(signature, SECONDS)
    }

    #[test]
    fn the_published_vector_holds() {
        // From the tests of the reference library for Rust.
        let secret = SigningSecret::parse("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD").unwrap();
        let body = br#"{"email":"test@example.com","username":"test_user"}"#;
        assert_eq!(
            sign(
                &secret,
                "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
                1_649_367_553,
                body
            ),
            "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="
        );
    }

    #[test]
    fn the_published_crate_signs_the_same() {
        let reference = standardwebhooks::Webhook::new(SECRET).unwrap();
        let want = reference.sign(ID, SECONDS, BODY).unwrap();
        assert_eq!(sign(&secret(), ID, SECONDS, BODY), want);
        assert_eq!(check(&want), Ok(()));
    }

    #[test]
    fn one_good_signature_among_others_is_enough() {
        let good = sign(&secret(), ID, SECONDS, BODY);
        let other = sign(
            &SigningSecret::parse("whsec_QUJD").unwrap(),
            ID,
            SECONDS,
            BODY,
        );
        assert_eq!(
            check(&format!("{other} v1a,AAAA nocomma v2,{good} v1,*** {good}")),
            Ok(())
        );
        assert_eq!(
            check(&format!("{other} v1a,AAAA nocomma")),
            Err(SignatureError::Mismatch)
        );
        assert_eq!(check(""), Err(SignatureError::Mismatch));
        let bare = good.trim_start_matches("v1,");
        assert_eq!(check(bare), Err(SignatureError::Mismatch));
        assert_eq!(check(&format!("v2,{bare}")), Err(SignatureError::Mismatch));
    }

    #[test]
    fn entries_are_looked_at_up_to_a_limit() {
        let good = sign(&secret(), ID, SECONDS, BODY);
        let after = |others: usize| format!("{}{good}", "v1,AAAA ".repeat(others));
        assert_eq!(check(&after(SIGNATURES_MAX - 1)), Ok(()));
        assert_eq!(check(&after(SIGNATURES_MAX)), Err(SignatureError::Mismatch));
    }

    #[test]
    fn a_timestamp_may_be_five_minutes_away_either_way_and_no_more() {
        let good = sign(&secret(), ID, SECONDS, BODY);
        for offset in [-300, 0, 300] {
            assert_eq!(check_at(&good, SECONDS + offset), Ok(()), "{offset}");
        }
        for offset in [-301, 301] {
            assert_eq!(
                check_at(&good, SECONDS + offset),
                Err(SignatureError::Timestamp),
                "{offset}"
            );
        }
    }

    #[test]
    fn whatever_is_signed_cannot_be_changed() {
        let good = sign(&secret(), ID, SECONDS, BODY);
        let with = |id: &str, seconds: i64, body: &[u8]| {
            let headers = headers(id, &seconds.to_string(), &good);
            let signed = Signed::from_headers(&headers).unwrap();
            verify(&[secret()], &signed, body, SECONDS)
        };
        assert_eq!(with(ID, SECONDS, BODY), Ok(()));
        assert_eq!(
            with("msg_other", SECONDS, BODY),
            Err(SignatureError::Mismatch)
        );
        assert_eq!(with(ID, SECONDS + 1, BODY), Err(SignatureError::Mismatch));
        assert_eq!(with(ID, SECONDS, b"{}"), Err(SignatureError::Mismatch));
    }

    #[test]
    fn headers_must_be_there_and_readable() {
        let read = |id: &str, timestamp: &str| {
            Signed::from_headers(&headers(id, timestamp, "v1,AAAA")).is_ok()
        };
        assert!(read("a", "1"));
        assert!(read(&"a".repeat(255), "1"));
        for (id, timestamp) in [
            ("", "1"),
            ("a b", "1"),
            ("a", ""),
            ("a", "-1"),
            ("a", "1.5"),
            ("a", "x"),
        ] {
            assert!(!read(id, timestamp), "{id:?} {timestamp:?}");
        }
        assert!(!read(&"a".repeat(256), "1"));
        assert_eq!(
            Signed::from_headers(&HeaderMap::new()),
            Err(SignatureError::Headers)
        );
    }
}
