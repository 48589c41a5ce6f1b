//! The elements of FHIR R4 that are written and read as XML: their order, which of them repeat, and their types.
//!
//! Source: FHIR R4 (4.0.1), the resource and data type definitions. A line is a type and its elements in order: `*` repeats,
//! `:Type` a data type or the element's own parts (`Task.input`), `:b` a boolean, `:n` a number, nothing any other primitive,
//! `[x]` a choice whose name ends with its type.

/// What comes first in every resource.
const OF_RESOURCE: &str = "id meta:Meta implicitRules language text:Narrative contained*:Resource extension*:Extension \
    modifierExtension*:Extension";

/// What comes first in every element.
const OF_ELEMENT: &str = "extension*:Extension modifierExtension*:Extension";

/// One element of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spec {
    /// Its name, without what a choice adds.
    pub name: &'static str,
    /// Whether it is a choice of types.
    pub is_choice: bool,
    /// Whether it repeats.
    pub repeats: bool,
    /// Its type; empty for a primitive that JSON writes as text.
    pub of_type: &'static str,
}

impl Spec {
    fn read(word: &'static str) -> Self {
        let (name, of_type) = word.split_once(':').unwrap_or((word, ""));
        let (name, repeats) = name
            .strip_suffix('*')
            .map_or((name, false), |name| (name, true));
        let (name, is_choice) = name
            .strip_suffix("[x]")
            .map_or((name, false), |name| (name, true));
        Self {
            name,
            is_choice,
            repeats,
            of_type,
        }
    }

    /// Whether `name` is this element; of a choice, with which type.
    pub fn matches(&self, name: &str) -> bool {
        if !self.is_choice {
            return self.name == name;
        }
        let rest = name.strip_prefix(self.name).unwrap_or_default();
        rest.starts_with(|first: char| first.is_ascii_uppercase())
    }

    /// The type of the element called `name`.
    pub fn type_of(&self, name: &str) -> &'static str {
        if !self.is_choice {
            return self.of_type;
        }
        let suffix = name.strip_prefix(self.name).unwrap_or_default();
        match suffix {
            "Boolean" => "b",
            "Integer" | "Decimal" | "PositiveInt" | "UnsignedInt" => "n",
            _ => TYPES.iter().find(|(kind, _)| *kind == suffix).map_or(
                if matches!(suffix, "Age" | "Duration" | "Count" | "Distance" | "Money") {
                    "Quantity"
                } else {
                    ""
                },
                |(kind, _)| kind,
            ),
        }
    }
}

/// Whether a type is a resource.
pub(super) fn is_resource(kind: &str) -> bool {
    RESOURCES.iter().any(|(name, _)| *name == kind)
}

/// The elements of a type, in order.
pub(super) fn specs(kind: &str) -> Vec<Spec> {
    let of_resource = RESOURCES.iter().find(|(name, _)| *name == kind);
    let (first, rest) = match of_resource {
        Some((_, rest)) => (OF_RESOURCE, *rest),
        None => (
            OF_ELEMENT,
            TYPES
                .iter()
                .find(|(name, _)| *name == kind)
                .map_or("", |(_, rest)| *rest),
        ),
    };
    first
        .split_whitespace()
        .chain(rest.split_whitespace())
        .map(Spec::read)
        .collect()
}

/// What an element of a type that is not in the tables most likely is.
pub(super) fn likely(name: &str, in_resource: bool) -> Spec {
    const REPEATING: &str = "coding*:Coding extension*:Extension modifierExtension*:Extension contained*:Resource note*:Annotation \
        telecom*:ContactPoint given* line* entry*:Bundle.entry";
    const IN_RESOURCE: &str = "identifier*:Identifier category*:CodeableConcept performer* reasonCode*:CodeableConcept basedOn*:Reference \
        meta:Meta text:Narrative subject:Reference patient:Reference encounter:Reference code:CodeableConcept";
    let all = if in_resource { IN_RESOURCE } else { "" };
    REPEATING
        .split_whitespace()
        .chain(all.split_whitespace())
        .map(Spec::read)
        .find(|spec| spec.name == name)
        .unwrap_or(Spec {
            name: "",
            is_choice: false,
            repeats: false,
            of_type: "",
        })
}

const RESOURCES: &[(&str, &str)] = &[
    (
        "MeasureReport",
        "identifier*:Identifier status type measure subject:Reference date reporter:Reference period:Period improvementNotation:CodeableConcept group*:MeasureReport.group evaluatedResource*:Reference",
    ),
    (
        "List",
        "identifier*:Identifier status mode title code:CodeableConcept subject:Reference encounter:Reference date source:Reference orderedBy:CodeableConcept note*:Annotation entry*:List.entry emptyReason:CodeableConcept",
    ),
    (
        "ValueSet",
        "url identifier*:Identifier version name title status experimental:b date publisher contact*:ContactDetail description useContext*:UsageContext jurisdiction*:CodeableConcept immutable:b purpose copyright compose:ValueSet.compose expansion:ValueSet.expansion",
    ),
    (
        "Bundle",
        "identifier:Identifier type timestamp total:n link*:Bundle.link entry*:Bundle.entry signature:Signature",
    ),
    (
        "MessageHeader",
        "event[x] destination*:MessageHeader.destination sender:Reference enterer:Reference author:Reference source:MessageHeader.source responsible:Reference reason:CodeableConcept response:MessageHeader.response focus*:Reference definition",
    ),
    (
        "Task",
        "identifier*:Identifier instantiatesCanonical instantiatesUri basedOn*:Reference groupIdentifier:Identifier partOf*:Reference status statusReason:CodeableConcept businessStatus:CodeableConcept intent priority code:CodeableConcept description focus:Reference for:Reference encounter:Reference executionPeriod:Period authoredOn lastModified requester:Reference performerType*:CodeableConcept owner:Reference location:Reference reasonCode:CodeableConcept reasonReference:Reference insurance*:Reference note*:Annotation relevantHistory*:Reference restriction:Task.restriction input*:Task.input output*:Task.output",
    ),
    (
        "ServiceRequest",
        "identifier*:Identifier instantiatesCanonical* instantiatesUri* basedOn*:Reference replaces*:Reference requisition:Identifier status intent category*:CodeableConcept priority doNotPerform:b code:CodeableConcept orderDetail*:CodeableConcept quantity[x] subject:Reference encounter:Reference occurrence[x] asNeeded[x] authoredOn requester:Reference performerType:CodeableConcept performer*:Reference locationCode*:CodeableConcept locationReference*:Reference reasonCode*:CodeableConcept reasonReference*:Reference insurance*:Reference supportingInfo*:Reference specimen*:Reference bodySite*:CodeableConcept note*:Annotation patientInstruction relevantHistory*:Reference",
    ),
    (
        "Patient",
        "identifier*:Identifier active:b name*:HumanName telecom*:ContactPoint gender birthDate deceased[x] address*:Address maritalStatus:CodeableConcept multipleBirth[x] photo*:Attachment contact*:Patient.contact communication*:Patient.communication generalPractitioner*:Reference managingOrganization:Reference link*:Patient.link",
    ),
    (
        "Coverage",
        "identifier*:Identifier status type:CodeableConcept policyHolder:Reference subscriber:Reference subscriberId beneficiary:Reference dependent relationship:CodeableConcept period:Period payor*:Reference class*:Coverage.class order:n network costToBeneficiary*:Coverage.cost subrogation:b contract*:Reference",
    ),
    (
        "Consent",
        "identifier*:Identifier status scope:CodeableConcept category*:CodeableConcept patient:Reference dateTime performer*:Reference organization*:Reference source[x] policy*:Consent.policy policyRule:CodeableConcept verification*:Consent.verification provision:Consent.provision",
    ),
    (
        "Organization",
        "identifier*:Identifier active:b type*:CodeableConcept name alias* telecom*:ContactPoint address*:Address partOf:Reference contact*:Organization.contact endpoint*:Reference",
    ),
    (
        "Practitioner",
        "identifier*:Identifier active:b name*:HumanName telecom*:ContactPoint address*:Address gender birthDate photo*:Attachment qualification*:Practitioner.qualification communication*:CodeableConcept",
    ),
    (
        "PractitionerRole",
        "identifier*:Identifier active:b period:Period practitioner:Reference organization:Reference code*:CodeableConcept specialty*:CodeableConcept location*:Reference healthcareService*:Reference telecom*:ContactPoint availableTime* notAvailable* availabilityExceptions endpoint*:Reference",
    ),
    (
        "HealthcareService",
        "identifier*:Identifier active:b providedBy:Reference category*:CodeableConcept type*:CodeableConcept specialty*:CodeableConcept location*:Reference name comment extraDetails photo:Attachment telecom*:ContactPoint coverageArea*:Reference serviceProvisionCode*:CodeableConcept eligibility* program*:CodeableConcept characteristic*:CodeableConcept communication*:CodeableConcept referralMethod*:CodeableConcept appointmentRequired:b availableTime* notAvailable* availabilityExceptions endpoint*:Reference",
    ),
    (
        "RelatedPerson",
        "identifier*:Identifier active:b patient:Reference relationship*:CodeableConcept name*:HumanName telecom*:ContactPoint gender birthDate address*:Address photo*:Attachment period:Period communication*:Patient.communication",
    ),
    (
        "Location",
        "identifier*:Identifier status operationalStatus:Coding name alias* description mode type*:CodeableConcept telecom*:ContactPoint address:Address physicalType:CodeableConcept position hoursOfOperation* managingOrganization:Reference partOf:Reference",
    ),
    (
        "Endpoint",
        "identifier*:Identifier status connectionType:Coding name managingOrganization:Reference contact*:ContactPoint period:Period payloadType*:CodeableConcept payloadMimeType* address header*",
    ),
    (
        "Observation",
        "identifier*:Identifier basedOn*:Reference partOf*:Reference status category*:CodeableConcept code:CodeableConcept subject:Reference focus*:Reference encounter:Reference effective[x] issued performer*:Reference value[x] dataAbsentReason:CodeableConcept interpretation*:CodeableConcept note*:Annotation bodySite:CodeableConcept method:CodeableConcept specimen:Reference device:Reference referenceRange*:Observation.range hasMember*:Reference derivedFrom*:Reference component*:Observation.component",
    ),
    (
        "DiagnosticReport",
        "identifier*:Identifier basedOn*:Reference status category*:CodeableConcept code:CodeableConcept subject:Reference encounter:Reference effective[x] issued performer*:Reference resultsInterpreter*:Reference specimen*:Reference result*:Reference imagingStudy*:Reference media* conclusion conclusionCode*:CodeableConcept presentedForm*:Attachment",
    ),
    (
        "ImagingStudy",
        "identifier*:Identifier status modality*:Coding subject:Reference encounter:Reference started basedOn*:Reference referrer:Reference interpreter*:Reference endpoint*:Reference numberOfSeries:n numberOfInstances:n procedureReference:Reference procedureCode*:CodeableConcept location:Reference reasonCode*:CodeableConcept reasonReference*:Reference note*:Annotation description series*",
    ),
    (
        "MedicationStatement",
        "identifier*:Identifier basedOn*:Reference partOf*:Reference status statusReason*:CodeableConcept category:CodeableConcept medication[x] subject:Reference context:Reference effective[x] dateAsserted informationSource:Reference derivedFrom*:Reference reasonCode*:CodeableConcept reasonReference*:Reference note*:Annotation dosage*:Dosage",
    ),
    (
        "MedicationRequest",
        "identifier*:Identifier status statusReason:CodeableConcept intent category*:CodeableConcept priority doNotPerform:b reported[x] medication[x] subject:Reference encounter:Reference supportingInformation*:Reference authoredOn requester:Reference performer:Reference performerType:CodeableConcept recorder:Reference reasonCode*:CodeableConcept reasonReference*:Reference instantiatesCanonical* instantiatesUri* basedOn*:Reference groupIdentifier:Identifier courseOfTherapyType:CodeableConcept insurance*:Reference note*:Annotation dosageInstruction*:Dosage",
    ),
    (
        "AllergyIntolerance",
        "identifier*:Identifier clinicalStatus:CodeableConcept verificationStatus:CodeableConcept type category* criticality code:CodeableConcept patient:Reference encounter:Reference onset[x] recordedDate recorder:Reference asserter:Reference lastOccurrence note*:Annotation reaction*:AllergyIntolerance.reaction",
    ),
    (
        "Condition",
        "identifier*:Identifier clinicalStatus:CodeableConcept verificationStatus:CodeableConcept category*:CodeableConcept severity:CodeableConcept code:CodeableConcept bodySite*:CodeableConcept subject:Reference encounter:Reference onset[x] abatement[x] recordedDate recorder:Reference asserter:Reference stage*:Condition.stage evidence*:Condition.evidence note*:Annotation",
    ),
    (
        "DocumentReference",
        "masterIdentifier:Identifier identifier*:Identifier status docStatus type:CodeableConcept category*:CodeableConcept subject:Reference date author*:Reference authenticator:Reference custodian:Reference relatesTo* description securityLabel*:CodeableConcept content*:DocumentReference.content context:DocumentReference.context",
    ),
    (
        "Composition",
        "identifier:Identifier status type:CodeableConcept category*:CodeableConcept subject:Reference encounter:Reference date author*:Reference title confidentiality attester*:Composition.attester custodian:Reference relatesTo* event*:Composition.event section*:Composition.section",
    ),
    (
        "Appointment",
        "identifier*:Identifier status cancelationReason:CodeableConcept serviceCategory*:CodeableConcept serviceType*:CodeableConcept specialty*:CodeableConcept appointmentType:CodeableConcept reasonCode*:CodeableConcept reasonReference*:Reference priority:n description supportingInformation*:Reference start end minutesDuration:n slot*:Reference created comment patientInstruction basedOn*:Reference participant*:Appointment.participant requestedPeriod*:Period",
    ),
    (
        "Communication",
        "identifier*:Identifier instantiatesCanonical* instantiatesUri* basedOn*:Reference partOf*:Reference inResponseTo*:Reference status statusReason:CodeableConcept category*:CodeableConcept priority medium*:CodeableConcept subject:Reference topic:CodeableConcept about*:Reference encounter:Reference sent received recipient*:Reference sender:Reference reasonCode*:CodeableConcept reasonReference*:Reference payload*:Communication.payload note*:Annotation",
    ),
    (
        "Encounter",
        "identifier*:Identifier status statusHistory* class:Coding classHistory* type*:CodeableConcept serviceType:CodeableConcept priority:CodeableConcept subject:Reference episodeOfCare*:Reference basedOn*:Reference participant* appointment*:Reference period:Period length:Quantity reasonCode*:CodeableConcept reasonReference*:Reference diagnosis* account*:Reference hospitalization location* serviceProvider:Reference partOf:Reference",
    ),
    (
        "Procedure",
        "identifier*:Identifier instantiatesCanonical* instantiatesUri* basedOn*:Reference partOf*:Reference status statusReason:CodeableConcept category:CodeableConcept code:CodeableConcept subject:Reference encounter:Reference performed[x] recorder:Reference asserter:Reference performer* location:Reference reasonCode*:CodeableConcept reasonReference*:Reference bodySite*:CodeableConcept outcome:CodeableConcept report*:Reference complication*:CodeableConcept followUp*:CodeableConcept note*:Annotation",
    ),
    (
        "Provenance",
        "target*:Reference occurred[x] recorded policy* location:Reference reason*:CodeableConcept activity:CodeableConcept agent*:Provenance.agent entity*:Provenance.entity signature*:Signature",
    ),
    ("OperationOutcome", "issue*:OperationOutcome.issue"),
    (
        "CapabilityStatement",
        "url version name title status experimental:b date publisher contact* description useContext* jurisdiction*:CodeableConcept purpose copyright kind instantiates* imports* software:Capability.software implementation:Capability.implementation fhirVersion format* patchFormat* implementationGuide* rest*:Capability.rest messaging* document*",
    ),
    ("Parameters", "parameter*:Parameters.parameter"),
    (
        "Subscription",
        "status contact*:ContactPoint end reason criteria error channel:Subscription.channel",
    ),
    ("Binary", "contentType securityContext:Reference data"),
];

const TYPES: &[(&str, &str)] = &[
    ("Extension", "value[x]"),
    (
        "Meta",
        "versionId lastUpdated source profile* security*:Coding tag*:Coding",
    ),
    ("Narrative", "status div:xhtml"),
    (
        "Identifier",
        "use type:CodeableConcept system value period:Period assigner:Reference",
    ),
    ("CodeableConcept", "coding*:Coding text"),
    ("Coding", "system version code display userSelected:b"),
    ("Reference", "reference type identifier:Identifier display"),
    ("Period", "start end"),
    ("Quantity", "value:n comparator unit system code"),
    ("Range", "low:Quantity high:Quantity"),
    ("Ratio", "numerator:Quantity denominator:Quantity"),
    (
        "SampledData",
        "origin:Quantity period:n factor:n lowerLimit:n upperLimit:n dimensions:n data",
    ),
    (
        "HumanName",
        "use text family given* prefix* suffix* period:Period",
    ),
    (
        "Address",
        "use type text line* city district state postalCode country period:Period",
    ),
    ("ContactPoint", "system value use rank:n period:Period"),
    ("Annotation", "author[x] time text"),
    (
        "Attachment",
        "contentType language data url size:n hash title creation",
    ),
    (
        "Signature",
        "type*:Coding when who:Reference onBehalfOf:Reference targetFormat sigFormat data",
    ),
    (
        "Dosage",
        "sequence:n text additionalInstruction*:CodeableConcept patientInstruction timing:Timing asNeeded[x] site:CodeableConcept route:CodeableConcept method:CodeableConcept doseAndRate* maxDosePerPeriod:Ratio",
    ),
    ("Timing", "event* repeat:Timing.repeat code:CodeableConcept"),
    (
        "Timing.repeat",
        "bounds[x] count:n countMax:n duration:n durationMax:n durationUnit frequency:n frequencyMax:n period:n periodMax:n periodUnit dayOfWeek* timeOfDay* when* offset:n",
    ),
    ("Bundle.link", "relation url"),
    (
        "MeasureReport.group",
        "code:CodeableConcept population*:MeasureReport.group.population measureScore:Quantity stratifier*",
    ),
    (
        "MeasureReport.group.population",
        "code:CodeableConcept count:n subjectResults:Reference",
    ),
    (
        "List.entry",
        "flag:CodeableConcept deleted:b date item:Reference",
    ),
    (
        "ValueSet.compose",
        "lockedDate inactive:b include*:ValueSet.compose.include exclude*:ValueSet.compose.include",
    ),
    (
        "ValueSet.compose.include",
        "system version concept*:ValueSet.compose.include.concept filter*:ValueSet.compose.include.filter valueSet*",
    ),
    (
        "ValueSet.compose.include.concept",
        "code display designation*:ValueSet.designation",
    ),
    ("ValueSet.compose.include.filter", "property op value"),
    ("ValueSet.designation", "language use:Coding value"),
    (
        "ValueSet.expansion",
        "identifier timestamp total:n offset:n parameter*:ValueSet.expansion.parameter contains*:ValueSet.expansion.contains",
    ),
    ("ValueSet.expansion.parameter", "name value[x]"),
    (
        "ValueSet.expansion.contains",
        "system abstract:b inactive:b version code display designation*:ValueSet.designation contains*:ValueSet.expansion.contains",
    ),
    (
        "Bundle.entry",
        "link*:Bundle.link fullUrl resource:Resource search:Bundle.search request:Bundle.request response:Bundle.response",
    ),
    ("Bundle.search", "mode score:n"),
    (
        "Bundle.request",
        "method url ifNoneMatch ifModifiedSince ifMatch ifNoneExist",
    ),
    (
        "Bundle.response",
        "status location etag lastModified outcome:Resource",
    ),
    (
        "MessageHeader.destination",
        "name target:Reference endpoint receiver:Reference",
    ),
    (
        "MessageHeader.source",
        "name software version contact:ContactPoint endpoint",
    ),
    (
        "MessageHeader.response",
        "identifier code details:Reference",
    ),
    (
        "Task.restriction",
        "repetitions:n period:Period recipient*:Reference",
    ),
    ("Task.input", "type:CodeableConcept value[x]"),
    ("Task.output", "type:CodeableConcept value[x]"),
    (
        "Patient.contact",
        "relationship*:CodeableConcept name:HumanName telecom*:ContactPoint address:Address gender organization:Reference period:Period",
    ),
    (
        "Patient.communication",
        "language:CodeableConcept preferred:b",
    ),
    ("Patient.link", "other:Reference type"),
    ("Coverage.class", "type:CodeableConcept value name"),
    ("Coverage.cost", "type:CodeableConcept value[x] exception*"),
    ("Consent.policy", "authority uri"),
    (
        "Consent.verification",
        "verified:b verifiedWith:Reference verificationDate",
    ),
    (
        "Consent.provision",
        "type period:Period actor*:Consent.actor action*:CodeableConcept securityLabel*:Coding purpose*:Coding class*:Coding code*:CodeableConcept dataPeriod:Period data*:Consent.data provision*:Consent.provision",
    ),
    ("Consent.actor", "role:CodeableConcept reference:Reference"),
    ("Consent.data", "meaning reference:Reference"),
    (
        "Organization.contact",
        "purpose:CodeableConcept name:HumanName telecom*:ContactPoint address:Address",
    ),
    (
        "Practitioner.qualification",
        "identifier*:Identifier code:CodeableConcept period:Period issuer:Reference",
    ),
    (
        "Observation.range",
        "low:Quantity high:Quantity type:CodeableConcept appliesTo*:CodeableConcept age:Range text",
    ),
    (
        "Observation.component",
        "code:CodeableConcept value[x] dataAbsentReason:CodeableConcept interpretation*:CodeableConcept referenceRange*:Observation.range",
    ),
    (
        "AllergyIntolerance.reaction",
        "substance:CodeableConcept manifestation*:CodeableConcept description onset severity exposureRoute:CodeableConcept note*:Annotation",
    ),
    (
        "Condition.stage",
        "summary:CodeableConcept assessment*:Reference type:CodeableConcept",
    ),
    (
        "Condition.evidence",
        "code*:CodeableConcept detail*:Reference",
    ),
    (
        "DocumentReference.content",
        "attachment:Attachment format:Coding",
    ),
    (
        "DocumentReference.context",
        "encounter*:Reference event*:CodeableConcept period:Period facilityType:CodeableConcept practiceSetting:CodeableConcept sourcePatientInfo:Reference related*:Reference",
    ),
    ("Composition.attester", "mode time party:Reference"),
    (
        "Composition.event",
        "code*:CodeableConcept period:Period detail*:Reference",
    ),
    (
        "Composition.section",
        "title code:CodeableConcept author*:Reference focus:Reference text:Narrative mode orderedBy:CodeableConcept entry*:Reference emptyReason:CodeableConcept section*:Composition.section",
    ),
    (
        "Appointment.participant",
        "type*:CodeableConcept actor:Reference required status period:Period",
    ),
    ("Communication.payload", "content[x]"),
    (
        "Provenance.agent",
        "type:CodeableConcept role*:CodeableConcept who:Reference onBehalfOf:Reference",
    ),
    (
        "Provenance.entity",
        "role what:Reference agent*:Provenance.agent",
    ),
    (
        "OperationOutcome.issue",
        "severity code details:CodeableConcept diagnostics location* expression*",
    ),
    ("Capability.software", "name version releaseDate"),
    (
        "Capability.implementation",
        "description url custodian:Reference",
    ),
    (
        "Capability.rest",
        "mode documentation security:Capability.security resource*:Capability.resource interaction*:Capability.interaction searchParam*:Capability.searchParam operation*:Capability.operation compartment*",
    ),
    (
        "Capability.security",
        "cors:b service*:CodeableConcept description",
    ),
    (
        "Capability.resource",
        "type profile supportedProfile* documentation interaction*:Capability.interaction versioning readHistory:b updateCreate:b conditionalCreate:b conditionalRead conditionalUpdate:b conditionalDelete referencePolicy* searchInclude* searchRevInclude* searchParam*:Capability.searchParam operation*:Capability.operation",
    ),
    ("Capability.interaction", "code documentation"),
    (
        "Capability.searchParam",
        "name definition type documentation",
    ),
    ("Capability.operation", "name definition documentation"),
    ("Subscription.channel", "type endpoint payload header*"),
    (
        "Parameters.parameter",
        "name value[x] resource:Resource part*:Parameters.parameter",
    ),
];
