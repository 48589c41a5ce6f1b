//! The year: a queue of what is to happen, worked through in the order of time.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use anyhow::{Context, Result};
use in_process::Deployment;
use runtime::Native;
use serde_json::{Value, json};

use crate::calendar::{DAY_MS, HOUR_MS, START_MS, day, is_business_day, on_business_day};
use crate::cases::{Case, Truth};
use crate::deployment::rows;
use crate::dice::Dice;
use crate::fate::Fate;
use crate::messages::Message;
use crate::network::Network;
use crate::parameters as p;

/// When offices work on their lists.
const WORK_AT_MS: i64 = 9 * HOUR_MS;
/// Whether anything is due, by the index of the sweep.
const DUE: &str = "SELECT 1 AS due FROM referrals WHERE next_due_at <= ?1 LIMIT 1";
/// Slices of one run of the sweep, at most.
const SLICES_MAX: usize = 100;

/// With chasing or without.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Arm {
    /// No sweep, and nobody looks at what is late.
    Without,
    /// The sweep runs, and the offices act on this share of what their worklists show, each business day.
    With {
        /// The share.
        acted_on: f64,
    },
}

impl Arm {
    /// Whether the sweep runs.
    #[must_use]
    pub const fn is_swept(self) -> bool {
        matches!(self, Self::With { .. })
    }

    /// The share of what is late that an office acts on in a day.
    #[must_use]
    pub const fn share_acted_on(self) -> f64 {
        match self {
            Self::Without => 0.0,
            Self::With { acted_on } => acted_on,
        }
    }
}

/// What draws are for: each has its own source, so that the two arms have the same fates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Who sends what, and when.
    Request = 1,
    /// The fates of legs.
    Fate = 2,
    /// The lines.
    Line = 3,
    /// To whom a referral is taken.
    Recipient = 4,
    /// What offices act on.
    Chase = 5,
}

/// What is to happen, with the place of the referral among the cases and the leg that it is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// A referral is sent.
    Send(usize),
    /// The recipient's office looks at it.
    Decide(usize, u64),
    /// The referrer answers a question.
    Answer(usize, u64),
    /// The office schedules.
    Schedule(usize, u64),
    /// A visit is over.
    Visit(usize, u64),
    /// The patient books again.
    BookAgain(usize, u64),
    /// The report is sent.
    Report(usize, u64),
    /// The referrer sends it on after a decline.
    SendOn(usize, u64),
    /// The referrer acknowledges.
    Acknowledge(usize),
    /// The referrer tells the patient.
    Inform(usize),
    /// A message comes.
    Arrive(usize),
    /// The schedule fires.
    Sweep,
    /// A day has passed: everything is looked at.
    Watch,
    /// A referrer's office works on its list.
    WorkAsReferrer(usize),
    /// A recipient's office does.
    WorkAsRecipient(usize),
    /// A recipient closes.
    Close(usize),
}

/// A year as it goes by.
#[derive(Debug)]
pub struct Year {
    /// The functions.
    pub deployment: Deployment,
    /// The offices.
    pub network: Network,
    /// With chasing or without.
    pub arm: Arm,
    /// From where all draws start.
    pub seed: u64,
    /// The time.
    pub now_ms: i64,
    /// The referrals.
    pub cases: Vec<Case>,
    /// What recipients' systems have sent.
    pub messages: Vec<Message>,
    /// Which recipients are still there.
    pub active: Vec<bool>,
    /// Messages that were answered with 409.
    pub refused: u64,
    /// What the sweep's answers counted.
    pub swept: HashMap<String, u64>,
    /// Open referrals that were looked at by [`Year::watch`], each day anew.
    pub looked_at: u64,
    /// What offices act on.
    pub(crate) chase: Dice,
    queue: BinaryHeap<Reverse<(i64, u64, Action)>>,
    planned: u64,
    by_id: HashMap<String, usize>,
}

impl Year {
    /// Lives through a year with this many referrals.
    ///
    /// # Errors
    /// When the service answers what it may not, or the invariant does not hold.
    pub fn run(arm: Arm, referrals: usize, seed: u64) -> Result<Self> {
        let deployment = Deployment::new(Native::in_memory(), START_MS)?;
        let network = Network::new(&deployment)?;
        let mut year = Self {
            active: vec![true; network.recipients.len()],
            deployment,
            network,
            arm,
            seed,
            now_ms: START_MS,
            cases: Vec::new(),
            messages: Vec::new(),
            refused: 0,
            swept: HashMap::new(),
            looked_at: 0,
            chase: Dice::of(seed, Part::Chase as u64, 0),
            queue: BinaryHeap::new(),
            planned: 0,
            by_id: HashMap::new(),
        };
        year.plan_all(referrals);
        let end_ms = day(p::DAYS);
        while let Some(Reverse((at_ms, _, action))) = year.queue.pop() {
            if at_ms > end_ms {
                break;
            }
            year.now_ms = at_ms;
            year.deployment.set_now(at_ms);
            year.act(action)
                .with_context(|| format!("{action:?} at {}", crate::calendar::instant(at_ms)))?;
        }
        Ok(year)
    }

    /// Puts something into the queue.
    pub fn plan(&mut self, at_ms: i64, action: Action) {
        self.planned += 1;
        self.queue.push(Reverse((at_ms, self.planned, action)));
    }

    fn plan_all(&mut self, referrals: usize) {
        for number in 0..referrals {
            let mut dice = Dice::of(self.seed, Part::Request as u64, 1_000_000 + number as u64);
            let hour = 8 * HOUR_MS + dice.between(0, 9 * 60) * 60_000;
            let at_ms = on_business_day(day(dice.between(0, p::SENT_OVER_DAYS - 1)) + hour);
            self.plan(at_ms, Action::Send(number));
        }
        // The last recipient, which looks at its list as the others do.
        self.plan(
            day(p::CLOSES_ON_DAY) + WORK_AT_MS,
            Action::Close(self.network.recipients.len() - 1),
        );
        for number in 0..p::DAYS {
            self.plan(day(number + 1), Action::Watch);
            if self.arm.is_swept() {
                self.plan_sweeps(number);
            }
        }
    }

    fn plan_sweeps(&mut self, number: i64) {
        for hour in (0..24).step_by(usize::try_from(p::SWEEP_EVERY_HOURS).unwrap_or(1)) {
            self.plan(day(number) + hour * HOUR_MS, Action::Sweep);
        }
        if !is_business_day(day(number)) {
            return;
        }
        for office in 0..self.network.recipients.len() {
            self.plan(day(number) + WORK_AT_MS, Action::WorkAsRecipient(office));
        }
        for office in 0..self.network.referrers.len() {
            self.plan(
                day(number) + WORK_AT_MS + HOUR_MS,
                Action::WorkAsReferrer(office),
            );
        }
    }

    fn act(&mut self, action: Action) -> Result<()> {
        match action {
            Action::Send(number) => self.send(number)?,
            Action::Decide(case, leg) if self.is_alive(case, leg) => self.decide(case),
            Action::Schedule(case, leg) if self.is_alive(case, leg) => self.schedule(case),
            Action::Visit(case, leg) if self.is_alive(case, leg) => self.visit(case),
            Action::BookAgain(case, leg) if self.is_alive(case, leg) => self.book_again(case),
            Action::Report(case, leg) if self.is_alive(case, leg) => {
                self.report(case, Some(self.cases[case].fate.report_arrives));
            }
            Action::Answer(case, leg) if self.cases[case].leg == leg => self.answer(case)?,
            Action::SendOn(case, leg) if self.cases[case].leg == leg => self.send_on(case)?,
            Action::Acknowledge(case) => self.acknowledge(case)?,
            Action::Inform(case) => self.inform(case)?,
            Action::Arrive(message) => self.arrive(message)?,
            Action::Sweep => self.sweep()?,
            Action::Watch => self.watch()?,
            Action::WorkAsReferrer(office) => self.work_as_referrer(office)?,
            Action::WorkAsRecipient(office) => self.work_as_recipient(office)?,
            Action::Close(office) => self.close(office)?,
            // The referral has gone another way meanwhile.
            _ => {}
        }
        Ok(())
    }

    /// Runs the sweep where something is due; otherwise it would find nothing.
    fn sweep(&mut self) -> Result<()> {
        if rows(&self.deployment, DUE)?.is_empty() {
            return Ok(());
        }
        for _ in 0..SLICES_MAX {
            let swept = self
                .deployment
                .call("POST", "/sweep", self.deployment.admin_key(), None)?
                .expect(&[200])?;
            for (name, count) in swept.as_object().into_iter().flatten() {
                *self.swept.entry(name.clone()).or_default() += count.as_u64().unwrap_or(0);
            }
            if swept["more"] != true {
                return Ok(());
            }
        }
        anyhow::bail!("the sweep never ended")
    }

    fn close(&mut self, office: usize) -> Result<()> {
        self.active[office] = false;
        let path = format!(
            "/directory/organizations/{}",
            self.network.recipients[office].id
        );
        let body = json!({"active": false});
        self.deployment
            .call("PATCH", &path, self.deployment.admin_key(), Some(&body))?
            .expect(&[200])?;
        Ok(())
    }

    /// A source of draws for one part and one number.
    #[must_use]
    pub fn dice(&self, part: Part, number: usize) -> Dice {
        Dice::of(self.seed, part as u64, number as u64)
    }

    /// A recipient that is still there, other than `not`.
    #[must_use]
    pub fn some_recipient(&self, dice: &mut Dice, not: Option<usize>) -> usize {
        let there: Vec<usize> = (0..self.active.len())
            .filter(|office| self.active[*office] && Some(*office) != not)
            .collect();
        let drawn = usize::try_from(dice.between(0, i64::from(u16::MAX))).unwrap_or(0);
        there[drawn % there.len()]
    }

    /// Adds a referral that was sent just now.
    pub fn add(&mut self, id: String, referrer: usize, recipient: usize) {
        let case = self.cases.len();
        self.by_id.insert(id.clone(), case);
        self.cases.push(Case {
            id,
            referrer,
            recipient,
            leg: 1,
            fate: Fate::draw(&mut Dice::new(0)),
            truth: Truth::default(),
            legs_before: Vec::new(),
            sent_ms: self.now_ms,
            date_ms: None,
            seen_ms: None,
            messages: 0,
        });
        self.begin_leg(case);
    }

    /// The referral that an item of a list is.
    #[must_use]
    pub fn case_of(&self, item: &Value) -> Option<usize> {
        self.by_id.get(item["id"].as_str()?).copied()
    }

    /// A referral as its referrer sees it.
    ///
    /// # Errors
    /// When it is not there.
    pub fn read(&self, case: usize) -> Result<Value> {
        let read = &self.cases[case];
        let key = &self.network.referrers[read.referrer].key;
        let path = format!("/worklist/referrals/{}", read.id);
        self.deployment
            .call("GET", &path, key, None)?
            .expect(&[200])
    }

    /// The referrer's office sends an event by its key; whether it was taken.
    ///
    /// # Errors
    /// When the answer is none that may come here.
    pub fn refer(&mut self, case: usize, kind: &str, data: Value) -> Result<bool> {
        let told = &self.cases[case];
        let key = &self.network.referrers[told.referrer].key;
        let path = format!("/status/referrals/{}/events", told.id);
        let body = json!({"type": kind, "data": data});
        let answer = self.deployment.call("POST", &path, key, Some(&body))?;
        // 409: the other side has moved it meanwhile.
        let body = answer.expect(&[202, 409])?;
        Ok(body["result"] == "applied")
    }

    /// The days between two instants.
    #[must_use]
    pub fn days(from_ms: i64, to_ms: i64) -> i64 {
        (to_ms - from_ms).div_euclid(DAY_MS)
    }
}
