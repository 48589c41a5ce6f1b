//! FHIR R4: HL7 BSeR and the resources around a referral.
