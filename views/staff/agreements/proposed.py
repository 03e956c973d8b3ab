"""What a page shows of a proposal that is about many records: an uplift with its lines, payments one by one."""

from typing import Any

from flask import url_for

from models import Proposal
from rules.agreement_states import ProposalKind, ProposalState
from rules.money import short_rate
from rules.plan import UNIT_WORDS
from views.page.paging import asked_page, asked_size, page_address
from workflows.agreements import uplifts
from workflows.payments import one_off


def details_of(proposal: Proposal) -> dict[str, Any]:
    """Return what a template shows of a proposal that waits, `details` being the part to include; empty for others."""
    if proposal.state is not ProposalState.PROPOSED:
        return {}
    if proposal.kind is ProposalKind.UPLIFT:
        excel = url_for("UpliftsView.lines", proposal_id=proposal.id)
        seen = uplifts.preview(uplifts.proposed(proposal))
        return {"details": "staff/proposed_uplift.html", **uplift_shown(seen), "excel": excel}
    if proposal.kind is ProposalKind.ONE_OFF:
        return {"details": "staff/proposed_payments.html", "payments": one_off.shown(proposal)}
    return {}


def uplift_shown(seen: uplifts.UpliftPreview) -> dict[str, Any]:
    """Return what the parts of `macros/uplift.html` show: the totals, and the page of lines that is asked for."""
    size, page = asked_size(), asked_page()
    pages = max(1, -(-seen.changed // size))
    page = min(page, pages)
    return {
        "seen": seen,
        "lines": uplifts.lines_of(seen, page, size),
        "page": page,
        "pages": pages,
        "address": page_address(),
        "unit_names": {unit.value: many for unit, (_, many) in UNIT_WORDS.items()},
        "short_rate": short_rate,
        "difference": uplifts.difference,
        "a_year": uplifts.WEEKS_A_YEAR,
    }
