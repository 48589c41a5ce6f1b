//! Why a patient is in or out.

macro_rules! reasons {
    ($($(#[doc = $doc:literal])* $name:ident $code:literal $text:literal;)+) => {
        /// Why a patient is in or out: the measure's condition that was met last, or that failed first.
        ///
        /// Of several referrals, visits or reports the one that came nearest says why.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Reason {
            $($(#[doc = $doc])* $name,)+
        }

        impl Reason {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Every code, in the same order.
            pub const CODES: &'static [&'static str] = &[$($code,)+];

            /// Its stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// The same for a person.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

reasons! {
    /// Numerator.
    ReportReceived "report-received" "the specialist's report on the first referral came after it and within the period";
    /// No referral at all.
    NoReferral "no-referral" "there is no referral";
    /// None with a code of the value set.
    ReferralCode "referral-code" "the referral's code is not in the value set Referral";
    /// None that is an order to be done.
    ReferralIntent "referral-intent" "the referral is no order: its intent is another, or it says what must not be done";
    /// None that is active or completed.
    ReferralStatus "referral-status" "the referral is neither active nor completed";
    /// None with a day on which it was made.
    ReferralUndated "referral-undated" "the referral does not say on which day it was made";
    /// None in the period.
    ReferralOutsidePeriod "referral-outside-period" "the referral was not made in the period";
    /// Only in November or December.
    ReferralAfterOctober "referral-after-october" "the referral was made after 31 October";
    /// No visit at all.
    NoVisit "no-visit" "there is no encounter and no procedure";
    /// None with a code of the value sets.
    VisitCode "visit-code" "no encounter's type and no procedure's code is in the measure's value sets";
    /// None that took place.
    VisitStatus "visit-status" "the encounter is not finished, or the procedure not completed";
    /// None wholly within the period.
    VisitOutsidePeriod "visit-outside-period" "the encounter or procedure does not begin and end in the period";
    /// Denominator: no report at all.
    NoReport "no-report" "no report came";
    /// Only reports on others.
    ReportOfAnother "report-of-another" "the report is on another referral than the first";
    /// Only Tasks that do something else.
    ReportTask "report-task" "the Task on the first referral does not fulfill it";
    /// None that is completed.
    ReportStatus "report-status" "the Task on the first referral is not completed";
    /// None with a code of the value set.
    ReportCode "report-code" "what came on the first referral is no report of the value set Consultant Report";
    /// None that says when.
    ReportUndated "report-undated" "the report does not say when it came, or not exactly enough";
    /// Only from before the referral.
    ReportBeforeReferral "report-before-referral" "the report did not come after the referral";
    /// Only from outside the period.
    ReportOutsidePeriod "report-outside-period" "the report did not come within the period";
}
