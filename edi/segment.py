"""The segments of the 837P as records, those that it shares with the 835 among them.

Names are the guides' own element names; None (or "" for a required code) means "not sent".
Composite elements come as tuples of their parts.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, NamedTuple

from edi.element import At
from edi.record import Codes, Procedure


class Name(NamedTuple):
    """NM1: who (85 billing, IL subscriber, QC patient, PR payer, 82 rendering …)."""

    entity_identifier_code: Annotated[str, At("NM101")]
    entity_type_qualifier: Annotated[str | None, At("NM102")]
    last_or_organization_name: Annotated[str | None, At("NM103")]
    first_name: Annotated[str | None, At("NM104")]
    middle_name: Annotated[str | None, At("NM105")]
    name_prefix: Annotated[str | None, At("NM106")]
    name_suffix: Annotated[str | None, At("NM107")]
    identification_code_qualifier: Annotated[str | None, At("NM108")]
    identification_code: Annotated[str | None, At("NM109")]
    entity_relationship_code: Annotated[str | None, At("NM110")]


class StreetAddress(NamedTuple):
    """N3: one or two lines of an address."""

    address_line: Annotated[str | None, At("N301")]
    second_address_line: Annotated[str | None, At("N302")]


class City(NamedTuple):
    """N4: city, state, postal code, country."""

    city_name: Annotated[str | None, At("N401")]
    state_or_province_code: Annotated[str | None, At("N402")]
    postal_code: Annotated[str | None, At("N403")]
    country_code: Annotated[str | None, At("N404")]
    country_subdivision_code: Annotated[str | None, At("N407")]


class Contact(NamedTuple):
    """PER: a contact with up to three numbers."""

    contact_function_code: Annotated[str, At("PER01")]
    contact_name: Annotated[str | None, At("PER02")]
    communication_number_qualifier: Annotated[str | None, At("PER03")]
    communication_number: Annotated[str | None, At("PER04")]
    second_qualifier: Annotated[str | None, At("PER05")]
    second_number: Annotated[str | None, At("PER06")]
    third_qualifier: Annotated[str | None, At("PER07")]
    third_number: Annotated[str | None, At("PER08")]


class Reference(NamedTuple):
    """REF: an identifier and what kind it is (G1 authorization, F8 payer control number …)."""

    reference_identification_qualifier: Annotated[str, At("REF01")]
    reference_identification: Annotated[str | None, At("REF02")]
    description: Annotated[str | None, At("REF03")]
    reference_identifier: Annotated[Codes | None, At("REF04")]


class ProviderInformation(NamedTuple):
    """PRV: a provider's role and taxonomy."""

    provider_code: Annotated[str, At("PRV01")]
    reference_identification_qualifier: Annotated[str | None, At("PRV02")]
    provider_taxonomy_code: Annotated[str | None, At("PRV03")]


class Currency(NamedTuple):
    """CUR: a currency other than dollars."""

    entity_identifier_code: Annotated[str, At("CUR01")]
    currency_code: Annotated[str, At("CUR02")]
    exchange_rate: Annotated[Decimal | None, At("CUR03")]


class DateTimePeriod(NamedTuple):
    """DTP: a date (D8), a range (RD8) or a time; :mod:`edi.claim` reads the days out of it."""

    date_time_qualifier: Annotated[str, At("DTP01")]
    date_time_period_format_qualifier: Annotated[str, At("DTP02")]
    date_time_period: Annotated[str, At("DTP03")]


class Amount(NamedTuple):
    """AMT: a supplementary amount in dollars; never part of the balance."""

    amount_qualifier_code: Annotated[str, At("AMT01")]
    monetary_amount: Annotated[Decimal, At("AMT02")]


class Quantity(NamedTuple):
    """QTY: a supplementary quantity."""

    quantity_qualifier: Annotated[str, At("QTY01")]
    quantity: Annotated[Decimal, At("QTY02")]


class Subscriber(NamedTuple):
    """SBR: which payer in which order (P, S, T …) and the kind of plan (SBR09)."""

    payer_responsibility_sequence_code: Annotated[str, At("SBR01")]
    individual_relationship_code: Annotated[str | None, At("SBR02")]
    group_or_policy_number: Annotated[str | None, At("SBR03")]
    group_name: Annotated[str | None, At("SBR04")]
    insurance_type_code: Annotated[str | None, At("SBR05")]
    claim_filing_indicator_code: Annotated[str | None, At("SBR09")]


class PatientInformation(NamedTuple):
    """PAT: relationship to the subscriber, death, weight, pregnancy."""

    individual_relationship_code: Annotated[str | None, At("PAT01")]
    date_of_death: Annotated[str | None, At("PAT06")]
    unit_of_measure: Annotated[str | None, At("PAT07")]
    patient_weight: Annotated[Decimal | None, At("PAT08")]
    pregnancy_indicator: Annotated[str | None, At("PAT09")]


class Demographics(NamedTuple):
    """DMG: birth date (as text: a reader does not need it as a date) and sex."""

    date_format_qualifier: Annotated[str | None, At("DMG01")]
    birth_date: Annotated[str | None, At("DMG02")]
    gender_code: Annotated[str | None, At("DMG03")]


class Hierarchy(NamedTuple):
    """HL: a level of the 837's hierarchy (20 billing, 22 subscriber, 23 patient)."""

    hierarchical_id_number: Annotated[str, At("HL01")]
    hierarchical_parent_id_number: Annotated[str | None, At("HL02")]
    hierarchical_level_code: Annotated[str, At("HL03")]
    hierarchical_child_code: Annotated[str | None, At("HL04")]


class ClaimInformation(NamedTuple):
    """CLM: the claim itself. ``facility`` is (place of service, "B", frequency code)."""

    patient_control_number: Annotated[str, At("CLM01")]
    total_claim_charge_amount: Annotated[Decimal, At("CLM02")]
    facility: Annotated[Codes | None, At("CLM05")]
    provider_signature_indicator: Annotated[str | None, At("CLM06")]
    assignment_code: Annotated[str | None, At("CLM07")]
    benefits_assignment_indicator: Annotated[str | None, At("CLM08")]
    release_of_information_code: Annotated[str | None, At("CLM09")]
    patient_signature_source_code: Annotated[str | None, At("CLM10")]
    related_causes: Annotated[Codes | None, At("CLM11")]
    special_program_code: Annotated[str | None, At("CLM12")]
    delay_reason_code: Annotated[str | None, At("CLM20")]


class Paperwork(NamedTuple):
    """PWK: an attachment and its control number."""

    report_type_code: Annotated[str, At("PWK01")]
    report_transmission_code: Annotated[str | None, At("PWK02")]
    identification_code_qualifier: Annotated[str | None, At("PWK05")]
    attachment_control_number: Annotated[str | None, At("PWK06")]


class Contract(NamedTuple):
    """CN1: contract terms."""

    contract_type_code: Annotated[str, At("CN101")]
    contract_amount: Annotated[Decimal | None, At("CN102")]
    contract_percentage: Annotated[Decimal | None, At("CN103")]
    contract_code: Annotated[str | None, At("CN104")]
    terms_discount_percentage: Annotated[Decimal | None, At("CN105")]
    contract_version_identifier: Annotated[str | None, At("CN106")]


class FileInformation(NamedTuple):
    """K3: fixed text that a regulation asked for."""

    fixed_format_information: Annotated[str | None, At("K301")]


class Note(NamedTuple):
    """NTE: a note on claim or line."""

    note_reference_code: Annotated[str | None, At("NTE01")]
    description: Annotated[str | None, At("NTE02")]


class AmbulanceTransport(NamedTuple):
    """CR1: an ambulance trip."""

    unit_of_measure: Annotated[str | None, At("CR101")]
    patient_weight: Annotated[Decimal | None, At("CR102")]
    transport_reason_code: Annotated[str | None, At("CR104")]
    distance_unit: Annotated[str | None, At("CR105")]
    transport_distance: Annotated[Decimal | None, At("CR106")]
    round_trip_purpose: Annotated[str | None, At("CR109")]
    stretcher_purpose: Annotated[str | None, At("CR110")]


class SpinalManipulation(NamedTuple):
    """CR2: a chiropractor's treatment."""

    patient_condition_code: Annotated[str | None, At("CR208")]
    patient_condition_description: Annotated[str | None, At("CR210")]
    second_description: Annotated[str | None, At("CR211")]


class EquipmentCertification(NamedTuple):
    """CR3: certification of durable medical equipment."""

    certification_type_code: Annotated[str | None, At("CR301")]
    unit_of_measure: Annotated[str | None, At("CR302")]
    duration: Annotated[Decimal | None, At("CR303")]


class Condition(NamedTuple):
    """CRC: yes/no conditions of a category."""

    code_category: Annotated[str, At("CRC01")]
    certification_condition_indicator: Annotated[str | None, At("CRC02")]
    condition_code: Annotated[str | None, At("CRC03")]
    second_condition_code: Annotated[str | None, At("CRC04")]
    third_condition_code: Annotated[str | None, At("CRC05")]
    fourth_condition_code: Annotated[str | None, At("CRC06")]
    fifth_condition_code: Annotated[str | None, At("CRC07")]


class HealthCareCodes(NamedTuple):
    """HI: diagnoses (ABK principal, ABF others; BK/BF for ICD-9), anesthesia, conditions."""

    codes: tuple[Codes, ...]


class Pricing(NamedTuple):
    """HCP: what a repricer made of claim or line."""

    pricing_methodology: Annotated[str | None, At("HCP01")]
    repriced_allowed_amount: Annotated[Decimal | None, At("HCP02")]
    repriced_saving_amount: Annotated[Decimal | None, At("HCP03")]
    repricing_organization_identifier: Annotated[str | None, At("HCP04")]
    repricing_rate: Annotated[Decimal | None, At("HCP05")]
    approved_group_code: Annotated[str | None, At("HCP06")]
    approved_group_amount: Annotated[Decimal | None, At("HCP07")]
    approved_procedure_code: Annotated[str | None, At("HCP10")]
    repriced_units: Annotated[Decimal | None, At("HCP12")]
    reject_reason_code: Annotated[str | None, At("HCP13")]
    policy_compliance_code: Annotated[str | None, At("HCP14")]
    exception_code: Annotated[str | None, At("HCP15")]


class Adjustment(NamedTuple):
    """One triple of a CAS: why the payment differs from the charge.

    A positive amount lowers the payment (835 guide, balancing). ``reason_code`` is the CARC.
    ``quantity`` in units, None when not sent.
    """

    group_code: str
    reason_code: str
    amount: Decimal
    quantity: Decimal | None


class ClaimAdjustment(NamedTuple):
    """CAS: up to six adjustments of one group (CO, PR, OA, PI; CR in old files)."""

    adjustments: tuple[Adjustment, ...]


class OtherInsurance(NamedTuple):
    """OI: the other payer's assignment and release."""

    benefits_assignment_indicator: Annotated[str | None, At("OI03")]
    patient_signature_source_code: Annotated[str | None, At("OI04")]
    release_of_information_code: Annotated[str | None, At("OI06")]


class OutpatientAdjudication(NamedTuple):
    """MOA: a payer's claim-level remarks (RARC) in 837P 2320 and 835 2100."""

    reimbursement_rate: Annotated[Decimal | None, At("MOA01")]
    hcpcs_payable_amount: Annotated[Decimal | None, At("MOA02")]
    remark_code_1: Annotated[str | None, At("MOA03")]
    remark_code_2: Annotated[str | None, At("MOA04")]
    remark_code_3: Annotated[str | None, At("MOA05")]
    remark_code_4: Annotated[str | None, At("MOA06")]
    remark_code_5: Annotated[str | None, At("MOA07")]
    esrd_payment_amount: Annotated[Decimal | None, At("MOA08")]
    nonpayable_professional_amount: Annotated[Decimal | None, At("MOA09")]

    @property
    def remark_codes(self) -> tuple[str, ...]:
        """The RARCs that were sent, in order."""
        return tuple(c for c in self[2:7] if c)


class LineNumber(NamedTuple):
    """LX: the number of a service line (837P) or of a header group (835)."""

    assigned_number: Annotated[str, At("LX01")]


class ProfessionalService(NamedTuple):
    """SV1: what was done, for how much. ``units`` in ``unit_of_measure`` (UN, MJ minutes).

    ``diagnosis_code_pointers`` count into the claim's HI diagnoses, from 1.
    """

    procedure: Annotated[Procedure, At("SV101")]
    line_item_charge_amount: Annotated[Decimal, At("SV102")]
    unit_of_measure: Annotated[str | None, At("SV103")]
    service_unit_count: Annotated[Decimal | None, At("SV104")]
    place_of_service_code: Annotated[str | None, At("SV105")]
    diagnosis_code_pointers: Annotated[Codes | None, At("SV107")]
    emergency_indicator: Annotated[str | None, At("SV109")]
    epsdt_indicator: Annotated[str | None, At("SV111")]
    family_planning_indicator: Annotated[str | None, At("SV112")]
    copay_status_code: Annotated[str | None, At("SV115")]


class DurableEquipment(NamedTuple):
    """SV5: rental or purchase of equipment."""

    procedure: Annotated[Procedure, At("SV501")]
    unit_of_measure: Annotated[str | None, At("SV502")]
    length_of_medical_necessity: Annotated[Decimal | None, At("SV503")]
    rental_price: Annotated[Decimal | None, At("SV504")]
    purchase_price: Annotated[Decimal | None, At("SV505")]
    rental_frequency_code: Annotated[str | None, At("SV506")]


class Measurement(NamedTuple):
    """MEA: a test result."""

    measurement_reference_code: Annotated[str | None, At("MEA01")]
    measurement_qualifier: Annotated[str | None, At("MEA02")]
    measurement_value: Annotated[Decimal | None, At("MEA03")]


class PurchasedService(NamedTuple):
    """PS1: a service bought from another provider."""

    provider_identifier: Annotated[str | None, At("PS101")]
    charge_amount: Annotated[Decimal | None, At("PS102")]


class DrugIdentification(NamedTuple):
    """LIN: the NDC (qualifier N4) of a drug, loop 2410."""

    product_or_service_id_qualifier: Annotated[str, At("LIN02")]
    national_drug_code: Annotated[str | None, At("LIN03")]


class DrugQuantity(NamedTuple):
    """CTP: how much of the drug, in which unit (F2, GR, ME, ML, UN)."""

    national_drug_unit_count: Annotated[Decimal | None, At("CTP04")]
    unit_of_measure: Annotated[Codes | None, At("CTP05")]


class LineAdjudication(NamedTuple):
    """SVD: what another payer paid for this line (loop 2430)."""

    other_payer_primary_identifier: Annotated[str, At("SVD01")]
    service_line_paid_amount: Annotated[Decimal, At("SVD02")]
    procedure: Annotated[Procedure | None, At("SVD03")]
    paid_service_unit_count: Annotated[Decimal | None, At("SVD05")]
    bundled_line_number: Annotated[str | None, At("SVD06")]


class FormIdentification(NamedTuple):
    """LQ: in an 837P the form that FRM answers (2440), in an 835 a remark (HE = RARC)."""

    code_list_qualifier_code: Annotated[str, At("LQ01")]
    industry_code: Annotated[str | None, At("LQ02")]


class FormAnswer(NamedTuple):
    """FRM: one answer of a form (2440)."""

    question_number: Annotated[str, At("FRM01")]
    yes_no: Annotated[str | None, At("FRM02")]
    text: Annotated[str | None, At("FRM03")]
    answer_date: Annotated[str | None, At("FRM04")]
    percentage: Annotated[Decimal | None, At("FRM05")]
