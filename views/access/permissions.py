"""Whether somebody may do something: the mark every page carries, and whom the framework takes for what."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import current_app, g
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_login import current_user

from models import PortalUser
from views.access.roles import provider_role


def permitted(permission: str) -> Callable[..., Any]:
    """Mark a page with the permission it takes ("view" is kept as "can_view"); nobody else gets further."""

    def mark(page: Callable[..., Any]) -> Callable[..., Any]:
        marked: Callable[..., Any] = has_access(permission_name(permission)(page))
        return marked

    return mark


@dataclass(frozen=True)
class ProviderRole:
    """A role held through the contact somebody acts as; it needs no row for each person."""

    name: str
    id: int = 0


class PortalSecurity(SecurityManager):
    """Flask-AppBuilder's security manager without its sign-in and its own screens: ours stand in their place."""

    user_model = PortalUser

    def __init__(self, appbuilder: Any) -> None:
        """Begin without an answer."""
        self._answers: dict[tuple[tuple[str, ...], str, str], bool] = {}
        super().__init__(appbuilder)

    def register_views(self) -> None:
        """Register none of the framework's addresses: sign-in, users and roles are pages of our own."""

    def load_user(self, pk: str) -> PortalUser | None:
        """Return who is signed in: the gate has found the session, the cookie's number alone opens nothing."""
        session = g.get("signed_in")
        return session.user if session and str(session.user_id) == pk else None

    def get_user_roles(self, user: Any) -> list[Any]:
        """Return the roles of a person: an officer's own, or those of the contact a provider acts as now."""
        if not user.is_authenticated:
            return []
        if contact := g.get("contact"):
            return [
                ProviderRole("Provider"),
                *(ProviderRole(provider_role(function)) for function in contact.functions),
            ]
        return list(user.roles) if user.council else []

    def role_names(self) -> tuple[str, ...]:
        """Return the names of the roles of whoever is signed in, none where nobody is."""
        names: tuple[str, ...] | None = g.get("role_names")
        if names is None:
            signed_in = current_user.is_authenticated
            names = tuple(role.name for role in self.get_user_roles(current_user)) if signed_in else ()
            if "signed_in" in g:  # while somebody signs in they become another within one request
                g.role_names = names
        return names

    def has_access(self, permission_name: str, view_name: str) -> bool:
        """Say whether whoever is signed in may do something, worked out once for each set of roles.

        Roles are code, so the answer stays. The framework would match their patterns anew each time, 26 times for a
        list: 4 of its 16 ms (make bench).
        """
        asked = (self.role_names(), permission_name, view_name)
        if asked not in self._answers:
            # The framework sets it only after a form's token was looked at: the page that refuses one has none yet.
            g.setdefault("user", current_user)
            self._answers[asked] = bool(super().has_access(permission_name, view_name))
        return self._answers[asked]

    def _is_user_detached(self, user: Any) -> bool:
        """Say no: the gate loaded all of the person that permissions need, so nothing is fetched again."""
        return False


def may(permission: str, view: str) -> bool:
    """Say whether the person signed in has a permission on a view, for templates and navigation."""
    security: PortalSecurity = current_app.appbuilder.sm  # type: ignore[attr-defined]
    return bool(security.role_names()) and security.has_access(permission, view)
