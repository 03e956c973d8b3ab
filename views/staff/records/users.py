"""People who sign in, and the roles of officers."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from flask import flash, g, redirect, url_for
from flask_appbuilder.actions import action
from flask_appbuilder.models.filters import BaseFilter
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import inspect
from wtforms import StringField

from models import PortalUser
from rules.email_address import NotAnEmailAddress, read_email
from rules.password import MOST_LENGTH
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from views.access.permissions import may
from views.access.roles import ADMINISTRATOR, NOBODY_ELSE, STAFF_ROLES
from views.access.step_up import prove_again
from views.generated.record_view import RecordView
from views.generated.records import StaffRecords
from workflows.access import given_roles, users
from workflows.access.administrators import refuse_without_administrator
from workflows.hashes import hash_password


class OfficersRoles(BaseFilter):
    """Roles officers can have; those of providers follow from what their contacts may do."""

    name = "Roles of officers"

    def apply(self, query: Any, _value: Any) -> Any:
        """Return `query` with those roles, by name."""
        return query.filter(Role.name.in_(STAFF_ROLES)).order_by(Role.name)


class CodeField(StringField):
    """The security code of who fills a form in: never sent back to the page, and no column."""

    def populate_obj(self, _obj: Any, _name: str) -> None:
        """Keep it nowhere."""


OWN_CODE = CodeField(
    "Your security code", description="Only where you give a role that another administrator has to confirm."
)
NO_ROLE = "Or switch the officer off."
ROLES_OFFERED = {"roles": [["name", OfficersRoles, ""]]}


class UserView(RecordView):
    """People who sign in: officers of the council and contacts of organisations."""

    datamodel = StaffRecords(PortalUser, worked_out={"full_name": str})
    route_base = "/admin/users"
    group = "The portal itself"
    readers = NOBODY_ELSE
    changes = frozenset({"add", "edit"})
    writers = NOBODY_ELSE
    action_roles = dict.fromkeys(("switch_off", "switch_on", "unlock"), NOBODY_ELSE)
    list_title, show_title, add_title, edit_title = "Users", "User", "Add an officer", "Edit user"
    list_columns = ["full_name", "email", "council", "roles", "active", "last_login"]
    search_columns = ["last_name", "email", "council", "active"]
    base_order = ("last_name", "asc")
    show_columns = [
        "first_name", "last_name", "email", "council", "roles", "approval_limit", "active", "must_change_password",
        "code_kind", "passkey_count", "failed_attempts", "locked_until", "last_login",
    ]  # fmt: skip
    add_columns = ["first_name", "last_name", "email", "roles", "approval_limit", "given_password", "own_code"]
    edit_columns = ["first_name", "last_name", "roles", "approval_limit", "own_code"]
    description_columns = {
        "roles": "Another administrator has to confirm every role but Auditor.",
        "approval_limit": "Pounds of one payment run, for a Payments approver. Empty: any sum.",
    }
    add_form_query_rel_fields = edit_form_query_rel_fields = ROLES_OFFERED
    add_form_extra_fields = {
        "given_password": StringField(
            "Given password", description="To begin with: they change it at their first sign-in. You pass it on."
        ),
        "own_code": OWN_CODE,
    }
    edit_form_extra_fields = {"own_code": OWN_CODE}
    labels = {
        "approval_limit": "Approves up to", "full_name": "Name", "council": "Officer of the council",
        "active": "May sign in",
        "must_change_password": "Has to change the password",
        "code_kind": "Security code", "passkey_count": "Passkeys", "failed_attempts": "Wrong tries",
        "locked_until": "Locked until",
        "last_login": "Last signed in",
    }  # fmt: skip

    def problems_of(self, form: Any, item: PortalUser | None) -> list[Problem]:
        """Judge the address and the password of a new officer, and the roles of any."""
        roles = [role.name for role in form.roles.data or []]
        found = _of_new(form) if item is None else []
        if (item is None or item.council) and not roles:
            found.append(Problem(Code.MISSING, "Choose at least one role.", NO_ROLE if item else "", "roles"))
        elif item is not None and roles and not item.council:
            no_roles = "A contact has no roles: what they may do stands with the contact."
            found.append(Problem(Code.ONE_OF_TWO, no_roles, field="roles"))
        elif item is not None and ADMINISTRATOR not in roles:
            found += _problems(lambda: refuse_without_administrator([item], "roles"))
        found += given_roles.problems_of_roles(roles)
        if not found and self._takes_two(form, item):
            found += _problems(lambda: prove_again("own_code"))
            if item is not None:  # the try is committed, and the lock with it
                self.datamodel.lock(item)
        return found

    def _takes_two(self, form: Any, item: PortalUser | None) -> bool:
        before = [role.name for role in item.roles] if item else []
        limit_before = item.approval_limit if item else None
        wanted = [role.name for role in form.roles.data or []]
        return given_roles.takes_two(before, wanted, limit_before, form.approval_limit.data)

    def process_form(self, form: Any, is_created: bool) -> None:
        """Keep the given password for `pre_add`: only its hash is stored."""
        if is_created:
            g.given_password = (form.given_password.data or "")[: MOST_LENGTH + 1]

    def pre_add(self, item: PortalUser) -> None:
        """Make an officer who has to change the given password; with a role that takes two, one who waits for it."""
        item.email = item.username = read_email(item.email)
        item.password = hash_password(g.given_password)
        item.active = item.council = item.must_change_password = True
        item.given_until = users.given_until()
        wanted, limit = [role.name for role in item.roles], item.approval_limit
        if given_roles.takes_two((), wanted, None, limit):
            item.roles, item.active = [], False
            self._propose(item, wanted, limit)

    def pre_update(self, item: PortalUser) -> None:
        """Let roles and a limit that take two people wait as they are until another administrator confirms them."""
        wanted, limit = [role.name for role in item.roles], item.approval_limit
        attributes: Any = inspect(item).attrs
        before = [*attributes.roles.history.unchanged, *attributes.roles.history.deleted]
        limit_before = next(iter(attributes.approval_limit.history.deleted or ()), limit)
        if given_roles.takes_two([role.name for role in before], wanted, limit_before, limit):
            item.roles, item.approval_limit = before, limit_before
            self._propose(item, wanted, limit)

    def _propose(self, item: PortalUser, wanted: list[str], limit: Decimal | None) -> None:
        self.datamodel.session.add(item)
        self.datamodel.session.flush()
        given_roles.propose_roles(item, wanted, limit, g.signed_in.user)
        flash("Sent for confirmation: another administrator has to confirm the roles.", "success")

    def verbs(self, item: PortalUser) -> list[tuple[str, str]]:
        """Offer to reset the security code of somebody else."""
        resets = item.id != g.signed_in.user_id and may("can_give", "CodeResetsView")
        return [("Reset security code", url_for("CodeResetsView.give", user_id=item.id))] if resets else []

    def makes_sense(self, name: str, item: PortalUser) -> bool:
        """Offer what changes something; nobody switches themselves off."""
        own = item.id == g.signed_in.user_id
        return {
            "switch_off": item.active and not own,
            "switch_on": not item.active,
            "unlock": bool(item.failed_attempts or item.locked_until),
        }[name]

    @action("switch_off", "Switch off", "They are signed out and cannot sign in until they are switched on again.")
    def switch_off(self, found: list[PortalUser]) -> Any:
        """Keep people out."""
        return self._did(lambda: users.switch_off(found, g.signed_in.user), "Switched off")

    @action("switch_on", "Switch on")
    def switch_on(self, found: list[PortalUser]) -> Any:
        """Let people in again."""
        return self._did(lambda: users.switch_on(found), "Switched on")

    @action("unlock", "Unlock")
    def unlock(self, found: list[PortalUser]) -> Any:
        """End the lock after wrong tries."""
        return self._did(lambda: users.unlock(found), "Unlocked")

    def _did(self, act: Callable[[], int], words: str) -> Any:
        try:
            flash(f"{words}: {act()}.", "success")
        except Refused as refused:
            flash(str(refused), "danger")
        return redirect(self.get_default_url())


def _of_new(form: Any) -> list[Problem]:
    """Return what is wrong with the address and the given password of a new officer."""
    email, password = form.email.data or "", (form.given_password.data or "")[: MOST_LENGTH + 1]
    found = _problems(lambda: users.check_given_password(password, email))
    try:
        read_email(email)
    except NotAnEmailAddress as error:
        found.append(error.problem.at("email"))
    return found


def _problems(judge: Callable[[], object]) -> list[Problem]:
    """Return what a workflow refuses, nothing where it does not."""
    try:
        judge()
    except Refused as refused:
        return list(refused.problems)
    return []


MAY = STAFF_ROLES | {"Provider": "The main menu of a provider"}


class RoleView(RecordView):
    """Roles and what they may do. They are part of the portal: nobody changes them here."""

    datamodel = StaffRecords(Role, worked_out={"may": lambda role: MAY.get(role.name, "What their contacts may do")})
    route_base = "/admin/roles"
    group = "The portal itself"
    readers = NOBODY_ELSE
    list_title, show_title = "Roles", "Role"
    list_columns = ["name", "may"]
    search_columns = ["name"]
    base_order = ("name", "asc")
    show_columns = ["name", "may", "user"]
    labels = {"name": "Role", "may": "May", "user": "Who has it"}
