//! Handing a message on to the function, again and again until it has an answer.

use std::time::Duration;

use ureq::Agent;

/// How long one try may take.
const TRY_SECONDS: u64 = 30;
/// The pause after a first failure, which doubles with each further one.
const PAUSE_SECONDS_FIRST: u64 = 1;
/// The longest pause: a network that is back is used within a minute.
const PAUSE_SECONDS_MAX: u64 = 60;
/// Bytes of an answer; ours: acknowledgements are short, and RRI repeats a patient.
const ANSWER_BYTES_MAX: u64 = 1024 * 1024;

/// What the function said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It has the message; its acknowledgement, or none where the sender wants none.
    Taken(Option<Vec<u8>>),
    /// It will never take this one.
    Refused(u16),
    /// Not now: the network, the function or our key. The reason, without anything of the message.
    Later(String),
}

/// Where messages go.
pub struct Target {
    agent: Agent,
    url: String,
    authorization: String,
}

impl Target {
    /// The exchange function at `base`, called with `key`.
    #[must_use]
    pub fn new(base: &str, key: &str) -> Self {
        let agent = Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(TRY_SECONDS)))
            .http_status_as_error(false)
            .max_redirects(0)
            .build()
            .into();
        Self {
            agent,
            url: format!("{}/hl7", base.trim_end_matches('/')),
            authorization: format!("Bearer {key}"),
        }
    }

    /// Hands a message on once.
    #[must_use]
    pub fn post(&self, message: &[u8]) -> Answer {
        let sent = self
            .agent
            .post(&self.url)
            .header("authorization", &self.authorization)
            .header("content-type", "application/hl7-v2")
            .send(message);
        let mut response = match sent {
            Ok(response) => response,
            Err(error) => return Answer::Later(error.to_string()),
        };
        match response.status().as_u16() {
            204 => Answer::Taken(None),
            200..=299 => match response
                .body_mut()
                .with_config()
                .limit(ANSWER_BYTES_MAX)
                .read_to_vec()
            {
                Ok(body) => Answer::Taken(Some(body).filter(|body| !body.is_empty())),
                Err(error) => Answer::Later(error.to_string()),
            },
            // The message itself is at fault; a wrong key, a wrong address or too much at once is not.
            status @ (400 | 409 | 413 | 415 | 422) => Answer::Refused(status),
            status => Answer::Later(format!("status {status}")),
        }
    }
}

/// The pause before the next try, after so many failures in a row.
#[must_use]
pub fn pause(failures: u32) -> Duration {
    let doubled = 1_u64
        .checked_shl(failures.saturating_sub(1))
        .unwrap_or(u64::MAX);
    Duration::from_secs(
        PAUSE_SECONDS_FIRST
            .saturating_mul(doubled)
            .clamp(PAUSE_SECONDS_FIRST, PAUSE_SECONDS_MAX),
    )
}

#[cfg(test)]
mod tests {
    use super::pause;

    #[test]
    fn a_pause_doubles_up_to_a_minute() {
        let seconds: Vec<u64> = [0, 1, 2, 3, 6, 7, 8, 63, 64, u32::MAX]
            .map(|failures| pause(failures).as_secs())
            .to_vec();
        assert_eq!(seconds, [1, 1, 2, 4, 32, 60, 60, 60, 60, 60]);
    }
}
