//! HL7 v2: IHE 360X and the messages around a referral.
