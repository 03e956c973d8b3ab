"""Contents of contract documents that tests are about."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from rules.document_content import DocumentContent, LineContent, PlanContent, RateContent
from rules.plan import SevenDays
from rules.states import PaymentBasis, PaymentMethod, PlanKind, Unit, VatCode

APRIL = date(2026, 4, 6)


def seven_days(each: str, wednesday: str = "") -> SevenDays:
    day = Decimal(each)
    return (day, day, Decimal(wednesday or each), day, day, day, day)


def line_of(reference: str = "48213", **fields: object) -> LineContent:
    line = LineContent(
        reference=reference,
        element="Personal care",
        unit=Unit.HOUR,
        plan_kind=PlanKind.TIMETABLED,
        plans=(PlanContent(APRIL, seven_days("1", "0.75"), Decimal(0)),),
        rates=(RateContent(Decimal("19.6800"), APRIL, None),),
        start=APRIL,
        end=None,
        payment_method=PaymentMethod.ACTUALS,
        payment_basis=PaymentBasis.GROSS,
        contribution=Decimal(0),
        top_up=Decimal(0),
        vat_code=VatCode.EXEMPT,
        extras_allowed=None,
    )
    return replace(line, **fields)  # type: ignore[arg-type]


def content_of(*of: LineContent, **fields: object) -> DocumentContent:
    content = DocumentContent(
        council="Norfolk County Council",
        organisation="Broadland Care CIC",
        organisation_reference="ORG-7",
        service="Aylsham",
        person_reference="P105118",
        reference="ISO-20501",
        version=1,
        terms="",
        published_on=APRIL,
        lines=of,
    )
    return replace(content, **fields)  # type: ignore[arg-type]
