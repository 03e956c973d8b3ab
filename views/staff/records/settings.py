"""What the council decides for everybody: payment periods and policy settings."""

from typing import Any

from flask import g, redirect, url_for
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from models import LedgerColumn, LineItem, Organisation, PaymentPeriod, PolicySetting, Sector, Team
from rules.agreement_states import ProposalState
from rules.policy import SETTINGS
from rules.policy_values import read_value, write_value
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.states import PolicyScope
from views.access.roles import EVERY_OFFICER, NOBODY_ELSE, PAYMENTS
from views.generated.record_view import EVERY_CHANGE, RecordView
from views.generated.records import StaffRecords
from views.staff.records.invoices import InvoiceView
from workflows import lookup
from workflows.confirm import desk, policy_values
from workflows.upkeep.periods import moved_dates

WORDINGS = [SelectChoice(name, f"{each.wording} ({each.code})") for name, each in SETTINGS.items()]


class PaymentPeriodView(RecordView):
    """Payment periods with their deadlines."""

    datamodel = StaffRecords(PaymentPeriod)
    route_base = "/admin/payment-periods"
    group = "Rules"
    readers = EVERY_OFFICER
    changes = EVERY_CHANGE
    writers = NOBODY_ELSE
    list_title, show_title, add_title = "Payment periods", "Payment period", "Add a payment period"
    list_columns = ["number", "start", "end", "submit_by", "amend_by", "finalise_on", "pay_on"]
    search_columns = ["number", "start"]
    base_order = ("number", "desc")
    show_columns = add_columns = list_columns
    labels = {"finalise_on": "Scheduled payments finalised on", "amend_by": "Amend by", "pay_on": "Paid on"}
    related_views = [InvoiceView]

    def notes(self, item: PaymentPeriod) -> list[str]:
        """Say why deadlines moved, or that one is no working day."""
        return [f"{self.label_columns[name]}: {reason}." for name, reason in moved_dates(item).items()]


class LedgerColumnView(RecordView):
    """The columns of the file for the ledger, in their order."""

    datamodel = StaffRecords(LedgerColumn)
    route_base = "/admin/ledger-columns"
    group = "Rules"
    readers = PAYMENTS
    changes = EVERY_CHANGE
    writers = NOBODY_ELSE
    list_title, show_title, add_title = "Columns of the ledger file", "Column of the ledger file", "Add a column"
    edit_title = "Edit column"
    list_columns = show_columns = add_columns = ["place", "heading", "field"]
    search_columns = ["heading"]
    base_order = ("place", "asc")
    labels = {"place": "Place", "heading": "Heading in the file", "field": "What it holds"}
    description_columns = {"place": "1 is the first column. Each place is taken once."}


class ProposedValues(StaffRecords):
    """Values of settings: what is added is proposed, and in force when another administrator has confirmed."""

    def add(self, item: PolicySetting, raise_exception: bool = False) -> bool:
        """Propose a value; raises Refused."""
        new = policy_values.NewValue(item.name, item.value, item.scope, item.scope_id, item.valid_from, item.why or "")
        change = policy_values.value_change(new)
        # Where one officer is enough, adding it is what they looked at.
        proposal = desk.submit(change, g.signed_in.user, [each.code for each in change.unusual])
        g.proposed = proposal
        return True


class PolicySettingView(RecordView):
    """The council's own figures, each from a day, under the name of who changed it."""

    datamodel = ProposedValues(PolicySetting)
    route_base = "/admin/policy-settings"
    group = "Rules"
    readers = EVERY_OFFICER
    changes = frozenset({"add"})
    add_row_message = (
        "Proposed. It is in force once another administrator has confirmed it, or now where one is enough."
    )
    writers = NOBODY_ELSE
    list_title, show_title, add_title = "Policy settings", "Policy setting", "Add a value of a setting"
    list_columns = ["name", "value", "applies_to", "valid_from", "changed_by", "why"]
    search_columns = ["name", "scope", "valid_from"]
    vocabularies = {"name": {name: setting.wording for name, setting in SETTINGS.items()}}
    base_order = ("valid_from", "desc")
    needs = ("sector", "organisation", "line_item", "team")
    show_columns = ["name", "value", "applies_to", "valid_from", "changed_by", "why"]
    add_columns = ["name", "value", "scope", "for_whom", "valid_from", "why"]
    labels = {"name": "Setting", "applies_to": "For", "scope": "How far it reaches", "changed_by": "By whom"}
    description_columns = {
        "value": "A number, yes or no, a date, words, or dates with commas between, as the setting takes."
    }
    formatters_columns = {"name": lambda name: SETTINGS[name].wording if name in SETTINGS else name}
    add_form_extra_fields = edit_form_extra_fields = {
        "name": SelectField(
            "Setting", choices=[SelectChoice("", ""), *WORDINGS], validators=[InputRequired()]
        ),
        "for_whom": StringField(
            "For which one",
            description="The sector, organisation, line item or team, by reference or name. Empty for the council.",
        ),
    }  # fmt: skip

    def problems_of(self, form: Any, _item: PolicySetting | None) -> list[Problem]:
        """Read the value as the rules will, and find whom it is for."""
        setting, scope = SETTINGS.get(form.name.data or ""), form.scope.data
        found: list[Problem] = []
        try:
            if setting and not form.value.errors:
                read_value(setting, form.value.data)
        except Refused as refused:
            found += refused.problems
        try:
            if scope:
                _id_of(scope, (form.for_whom.data or "").strip())
        except Refused as refused:
            found += refused.problems
        return found

    def process_form(self, form: Any, is_created: bool) -> None:
        """Keep what was typed for whom, which is no column."""
        g.for_whom = (form.for_whom.data or "").strip()

    def pre_add(self, item: PolicySetting) -> None:
        """Keep the value as the rules write it, and whom it is for."""
        setting = SETTINGS[item.name]
        item.value = write_value(setting, read_value(setting, item.value))
        item.scope_id = _id_of(item.scope, g.for_whom)

    def post_add_redirect(self) -> Any:
        """Go to the proposal, or to the values where one officer was enough."""
        waits = g.proposed.state is ProposalState.PROPOSED
        return redirect(url_for("ConfirmView.show", proposal_id=g.proposed.id) if waits else self.get_default_url())


_KINDS: dict[PolicyScope, Any] = {
    PolicyScope.SECTOR: Sector,
    PolicyScope.ORGANISATION: Organisation,
    PolicyScope.LINE: LineItem,
    PolicyScope.TEAM: Team,
}


def _id_of(scope: PolicyScope, typed: str) -> int | None:
    if scope is PolicyScope.COUNCIL:
        if typed:
            raise Refused(
                Problem(Code.ONE_OF_TWO, "Leave this empty, or choose how far the value reaches.", field="for_whom")
            )
        return None
    if not typed:
        raise Refused(Problem(Code.MISSING, "Say for which one.", field="for_whom"))
    try:
        found: int = lookup.find(_KINDS[scope], typed).id
    except Refused as refused:
        raise Refused(*(problem.at("for_whom") for problem in refused.problems)) from refused
    return found
