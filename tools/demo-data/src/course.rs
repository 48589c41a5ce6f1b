//! Lets everything happen in the order of its time, with the sweep in between, as a schedule would run it.

use std::collections::HashMap;

use anyhow::{Context, Result};
use in_process::Deployment;
use serde_json::{Value, json};

use crate::calendar::{DAY_MS, HOUR_MS};
use crate::network::{Network, PRACTICE};
use crate::partners::Partners;
use crate::story::Story;

/// How often the sweep runs: often enough in the last days for each try of a delivery that fails, once a day before.
const SWEEP_MS: i64 = DAY_MS;
const LATE_SWEEP_MS: i64 = 4 * HOUR_MS;
const LATE_DAYS: i64 = 8;
/// When the one that has webhooks gets them, and when its system stops answering, in days before now.
const CONNECTED_DAYS: i64 = 9;
const CUT_OFF_DAYS: i64 = 6;

/// Something that happens.
#[derive(Debug, Clone, Copy)]
enum Act {
    Sweep,
    Connect,
    CutOff,
    Send(usize),
    Tell(usize, usize),
}

/// Plays the stories up to `now_ms`; what would come later does not happen. Gives the ids of those that have a name.
///
/// # Errors
/// When the product refuses something.
pub fn run(
    deployment: &Deployment,
    partners: &Partners,
    network: &Network,
    stories: &[Story],
    now_ms: i64,
) -> Result<HashMap<&'static str, String>> {
    let mut ids: Vec<Option<String>> = vec![None; stories.len()];
    for (at_ms, act) in acts(deployment.now_ms(), stories, now_ms) {
        deployment.set_now(at_ms);
        match act {
            Act::Sweep => sweep(deployment)?,
            Act::Connect => network.connect_one(deployment)?,
            Act::CutOff => partners.cut_off(),
            Act::Send(index) => {
                let story = stories.get(index).context("no such story")?;
                let sent =
                    deployment.post("/intake/referrals", network.key(PRACTICE)?, &story.body)?;
                let id = sent.get("id").and_then(Value::as_str).map(str::to_owned);
                *ids.get_mut(index).context("no such story")? = id;
            }
            Act::Tell(index, step) => {
                let id = ids
                    .get(index)
                    .and_then(Option::as_ref)
                    .context("not sent")?;
                let step = stories.get(index).and_then(|story| story.steps.get(step));
                let step = step.context("no such step")?;
                let path = format!("/status/referrals/{id}/events");
                let body = json!({"type": step.kind, "data": step.data});
                deployment.post(&path, network.key(step.by)?, &body)?;
            }
        }
    }
    deployment.set_now(now_ms);
    let named = stories.iter().zip(ids);
    Ok(named
        .filter_map(|(story, id)| Some((story.name, id?)))
        .filter(|(name, _)| !name.is_empty())
        .collect())
}

/// One run of the sweep, to its end.
///
/// # Errors
/// When it is refused.
pub fn sweep(deployment: &Deployment) -> Result<()> {
    loop {
        let done = deployment.post("/sweep", deployment.admin_key(), &json!({}))?;
        if done.get("more") != Some(&Value::Bool(true)) {
            return Ok(());
        }
    }
}

fn acts(from_ms: i64, stories: &[Story], now_ms: i64) -> Vec<(i64, Act)> {
    let mut acts = vec![
        (now_ms - CONNECTED_DAYS * DAY_MS, Act::Connect),
        (now_ms - CUT_OFF_DAYS * DAY_MS, Act::CutOff),
    ];
    let mut at_ms = from_ms;
    while at_ms < now_ms {
        acts.push((at_ms, Act::Sweep));
        at_ms += if now_ms - at_ms > LATE_DAYS * DAY_MS {
            SWEEP_MS
        } else {
            LATE_SWEEP_MS
        };
    }
    for (index, story) in stories.iter().enumerate() {
        acts.push((story.sent_ms, Act::Send(index)));
        let steps = story.steps.iter().enumerate();
        acts.extend(steps.map(|(step, it)| (it.at_ms, Act::Tell(index, step))));
    }
    acts.retain(|(at_ms, _)| *at_ms <= now_ms);
    // Stable: of one instant, a story's steps stay in their order.
    acts.sort_by_key(|(at_ms, _)| *at_ms);
    acts
}
