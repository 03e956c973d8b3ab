"""Paper ISOs as their provider sees them: what became of each agreement that was issued on paper (rules.md 12)."""

from typing import Final

from flask import render_template
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from rules.agreement_states import PaperState
from views.access.permissions import permitted
from views.page.paging import asked_page, asked_size, asked_words, page_address
from workflows.paper_isos import register

# What the state means for them; the two that became a document name it beside this.
WORDS: Final = {
    PaperState.WAITING: "The council has it. It will be in the portal within the hour.",
    PaperState.REVIEW: "The council is checking it. You have nothing to do unless we ask you.",
    PaperState.REPLACED: "The same agreement was in the portal already. Record care on that line only.",
    PaperState.MIGRATED: "It is in the portal now. Read it, and accept or reject it there.",
    PaperState.CANCELLED: "The council decided that it is not an agreement. Ask Service Brokerage if you disagree.",
}


class PaperOrdersView(BaseView):
    """`/paper-isos`, for contacts with the function Contract documents."""

    route_base = "/paper-isos"

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def index(self) -> str | Response:
        """List the organisation's paper ISOs, newest first, with what became of each."""
        found = register.papers_of_provider(asked_page(), asked_size(), asked_words())
        return render_template(
            "provider/paper_isos.html", found=found, sought=asked_words(), words=WORDS, address=page_address()
        )
