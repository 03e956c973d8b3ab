"""A contact who is limited to a service, tried at every link and form that a colleague without a limit finds.

Nothing is seen or changed of care elsewhere, and no page breaks over what it may not see.
"""

import io
import re
from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import String, select, text

from models import Contact, ContactService, Invoice, Organisation, Remittance, Service, db, metadata
from tests.support.files.pdf import open_pdf, text_of, without_blanks
from tests.support.pages.browser import Browser
from tests.support.pages.crawl import route, sung, walk
from tests.support.worlds import everything
from tests.support.worlds.world import World
from tests.views.test_every_object import hidden_of
from workflows.invoices.taken_back import BEFORE_RUN

# What is about a line, a person or a service; the rest of an organisation's records is about the organisation.
ABOUT_CARE: Final = (
    "line_item.reference", "contract_document.reference", "conversation.subject", "message.body", "attachment.filename",
    "remittance_line.line_reference", "remittance_line.person_reference", "missing_package.person_reference",
    "paper_order.reference", "upload.filename", "absence_claim.number",
)  # fmt: skip
CARE: Final = (
    "line_item", "contract_document", "actual", "aborted_visit", "absence_claim", "absence_report", "visit", "invoice",
    "invoice_line", "message", "attachment", "missing_package", "upload", "typed_over_day",
)  # fmt: skip
STARTS: Final = ("/", "/scheduled-payments", "/scheduled-payments/1", "/paper-isos", "/line-items/missing", "/invoices")


def _in_cells(content: bytes) -> str:
    book = load_workbook(io.BytesIO(content))
    return "".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)


FILES: Final[dict[str, Callable[[bytes], str]]] = {
    "pdf": lambda content: text_of(open_pdf(content)),
    "xlsx": _in_cells,
    "csv": bytes.decode,
    "json": bytes.decode,
}


@pytest.fixture
def colleague(world: World) -> Contact:
    """Somebody of an organisation with a record of every kind, all of it of one service."""
    everything.build(world, world.officer("Administrator"))
    return world.contact(db.session.scalars(select(Organisation)).one(), "colleague@provider.example")


@pytest.fixture
def limited(world: World, colleague: Contact) -> Contact:
    """Somebody with every function, for another service."""
    organisation = colleague.organisation
    found = world.contact(organisation, "limited@provider.example")
    branch = Service(organisation_id=organisation.id, name="Second branch")
    db.session.add(branch)
    db.session.flush()
    db.session.add(ContactService(organisation_id=organisation.id, contact_id=found.id, service_id=branch.id))
    db.session.commit()
    return found


def about_care() -> set[str]:
    """What stands in the records about care."""
    found: set[str] = set()
    for each in ABOUT_CARE:
        table, column = each.split(".")
        found |= {str(word) for word in db.session.scalars(select(metadata.tables[table].c[column])) if word}
        assert isinstance(metadata.tables[table].c[column].type, String)
    return found


def rows_about_care() -> set[str]:
    """Every record about care as it stands."""
    return {
        f"{name} {row}" for name in CARE for row in db.session.scalars(text(f'SELECT each::text FROM "{name}" AS each'))
    }


def test_a_remittance_says_to_who_is_limited_that_more_was_paid(
    app: Flask, colleague: Contact, limited: Contact
) -> None:
    address = f"/remittances/{db.session.scalars(select(Remittance.id)).one()}"
    said = "was paid £137.76 altogether. You see the lines of the services you look after"
    here, there = Browser(app).sign_in(limited), Browser(app).sign_in(colleague)
    assert said in here.get(address).text
    assert said not in there.get(address).text
    for kind, read in FILES.items():
        said = without_blanks(said)
        assert said in without_blanks(read(here.get(f"{address}.{kind}").data)), kind
        assert said not in without_blanks(read(there.get(f"{address}.{kind}").data)), kind


def test_who_is_limited_reads_why_they_cannot_withdraw_an_invoice_of_other_services_too(
    app: Flask, colleague: Contact, limited: Contact
) -> None:
    invoice = db.session.scalars(select(Invoice).where(Invoice.state.in_(BEFORE_RUN))).first()
    assert invoice is not None
    address, said = f"/invoices/{invoice.id}", "Ask a colleague whose access is not limited to withdraw it."
    here, there = Browser(app).sign_in(limited), Browser(app).sign_in(colleague)
    for page in (here.get(address).text, here.get(f"{address}/withdraw").text):
        assert said in page
        assert ">Withdraw<" not in re.sub(r"\s", "", page)
    assert said not in there.get(address).text
    assert f'href="{address}/withdraw"' in there.get(address).text


def test_who_is_limited_to_a_service_sees_and_changes_nothing_of_another(
    app: Flask, colleague: Contact, limited: Contact
) -> None:
    words, there = about_care(), Browser(app).sign_in(colleague)
    found = walk(there, STARTS, alike=2)
    assert sum(bool(sung(there.get(each), words)) for each in found.addresses) > 20
    here = Browser(app).sign_in(limited)
    wrong: list[tuple[str, object]] = []
    for address in found.addresses:
        answer = here.get(address, follow=False)
        wrong += [(address, answer.status_code)] if answer.status_code >= 500 else []
        wrong += [(address, word) for word in sung(answer, words, address)]
    before = rows_about_care()
    for form in found.forms:
        sent = hidden_of(form)
        answer = here.post(form.action, sent)
        wrong += [(form.action, answer.status_code)] if answer.status_code >= 500 else []
        wrong += [(form.action, word) for word in sung(answer, words, urlencode(sent, doseq=True) + form.action)]
    assert wrong == []
    assert before - rows_about_care() == set()
    kinds = {route(app, address)[0] for address in found.addresses}
    assert {"RemittancesView.why", "ScheduledPaymentsView.csv", "PaperOrdersView.index"} <= kinds
