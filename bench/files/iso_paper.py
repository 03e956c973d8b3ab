"""The PDF of a contract document with 26 lines, asked for as a browser does, once the compiler is warm."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from statistics import median
from time import perf_counter, process_time

from files.documents.iso_paper import paper_of
from files.documents.iso_pdf import iso_pdf
from rules.document_content import DocumentContent, LineContent, PlanContent, RateContent
from rules.states import PaymentBasis, PaymentMethod, PlanKind, Unit, VatCode

LINES = 26
TIMES = 11
MOST = 0.050
START = date(2026, 4, 6)
HOUR = Decimal(1)
LINE = LineContent(
    reference="48210", element="Personal care", unit=Unit.HOUR, plan_kind=PlanKind.TIMETABLED,
    plans=(PlanContent(START, (HOUR,) * 7, Decimal(0)),), rates=(RateContent(Decimal("19.68"), START, None),),
    start=START, end=None, payment_method=PaymentMethod.ACTUALS, payment_basis=PaymentBasis.GROSS,
    contribution=Decimal(0), top_up=Decimal(0), vat_code=VatCode.EXEMPT, extras_allowed=None,
)  # fmt: skip
CONTENT = DocumentContent(
    council="Norfolk County Council", organisation="Broadland Care CIC", organisation_reference="ORG-7",
    service="Aylsham", person_reference="P105118", reference="ISO-20501", version=1, terms="As agreed.",
    published_on=START, lines=(LINE,),
)  # fmt: skip


@dataclass(frozen=True)
class PaperTime:
    """Medians of seconds of the clock and of this processor, and the size in bytes."""

    elapsed: float
    processor: float
    size: int


def measure_paper() -> PaperTime:
    """Lay out documents of which no two are alike, after a first one."""
    iso_pdf(paper_of(CONTENT, {}))
    elapsed, processor = [], []
    for number in range(TIMES):
        lines = tuple(replace(LINE, reference=f"{number}{line:04}") for line in range(LINES))
        paper = paper_of(replace(CONTENT, reference=f"ISO-{number}", lines=lines), {"Status": "Accepted"})
        began, worked = perf_counter(), process_time()
        size = len(iso_pdf(paper))
        elapsed.append(perf_counter() - began)
        processor.append(process_time() - worked)
    return PaperTime(median(elapsed), median(processor), size)


def words(time: PaperTime) -> str:
    """Return the line of the table."""
    return (
        f"Contract document of {LINES} lines as a PDF of {time.size // 1000} kB: {time.elapsed * 1000:.0f} ms"
        f" ({time.processor * 1000:.0f} ms of the processor), to reach {MOST * 1000:.0f}"
        f"{'' if time.elapsed <= MOST else '  <- too slow'}."
    )
