//! Messages of HL7 v2 that fit no referral for certain.

use anyhow::Result;
use in_process::Deployment;

use crate::calendar::{HOUR_MS, instant};
use crate::network::{HEART, Network};

/// An order that nobody sent, and a patient whom nobody referred.
const MESSAGES: [(&str, &str); 3] = [
    (
        "D-4711",
        "PID|1||DEMO-9001^^^&2.999.1&ISO||Nonesuch^Nadia||19610412|F",
    ),
    (
        "D-4712",
        "PID|1||DEMO-9002^^^&2.999.1&ISO||Madeup^Matteo||19550930|M",
    ),
    (
        "D-4713",
        "PID|1||DEMO-9003^^^&2.999.1&ISO||Beispiel^Berta||19720105|F",
    ),
];

/// The heart centre's system sends them.
///
/// # Errors
/// When they cannot be sent.
pub fn send(deployment: &Deployment, network: &Network, now_ms: i64) -> Result<()> {
    for ((order, patient), hours) in MESSAGES.into_iter().zip([20, 5, 1]) {
        let at_ms = now_ms - hours * HOUR_MS;
        deployment.set_now(at_ms);
        let at = instant(at_ms).replace(['-', ':', 'T', 'Z'], "");
        let segments = [
            format!(
                "MSH|^~\\&|HEART|HEART^2.999.2^ISO|LOOP|RIVERSIDE^2.999.1^ISO|{at}+0000||OSU^O51^OSU_O51|{order}|P|2.5.1"
            ),
            patient.to_owned(),
            format!("ORC|OK|{order}^^2.999.1.15^ISO|H-{order}^^2.999.2^ISO||IP"),
            String::new(),
        ];
        let authorization = [("authorization", format!("Bearer {}", network.key(HEART)?))];
        deployment
            .send(
                "POST",
                "/hl7",
                "application/hl7-v2",
                authorization,
                segments.join("\r"),
            )?
            .expect(&[200])?;
    }
    deployment.set_now(now_ms);
    Ok(())
}
