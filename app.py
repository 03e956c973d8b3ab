"""The portal, put together. Read this as the table of contents: each line names a part and where it lives."""

from typing import Any

from flask import Blueprint, Flask, current_app
from flask_appbuilder import AppBuilder
from flask_compress import Compress
from werkzeug.middleware.proxy_fix import ProxyFix

import database
from commands import register_commands
from config import INSTANCE, PROJECT, connections, settings
from database.connection import begin_with, keep_statements, keep_values_out_of_errors
from models import db
from models.isolation import words_at_begin
from models.scoped import ALONE_POOL
from views.access.form_tokens import MaskedTokens
from views.access.gate import guard
from views.access.headers import protect
from views.access.keeping import find_kept
from views.access.once import carry_out_once
from views.access.permissions import PortalSecurity
from views.access.rates import limit_rates
from views.access.request import register_request
from views.access.roles import all_permissions
from views.access.step_up import offer_passkeys
from views.health import register_health
from views.page.addresses import AddressedFlask
from views.page.errors import register_errors
from views.page.escaping import register_escaping
from views.page.format import register_filters
from views.page.frame import put_frame
from views.page.kept.form import register_kept
from views.page.static_files import register_static
from views.provider import PROVIDER_VIEWS
from views.sign_in import SIGN_IN_VIEWS
from views.sign_in.public import SIGNED
from views.staff import STAFF_VIEWS


class Portal(AppBuilder):
    """Flask-AppBuilder without the doors it opens by itself: languages, API tokens, its menu and API description."""

    def _add_global_static(self) -> None:
        """Know the framework's templates, and serve none of its scripts and styles."""
        current_app.register_blueprint(Blueprint("appbuilder", "flask_appbuilder.base", template_folder="templates"))

    def _add_admin_views(self) -> None:
        self.sm.register_views()


def create_app(**overrides: Any) -> Flask:
    """Return the portal as a Flask application; `overrides` are configuration keys (tests name their database)."""
    app = AddressedFlask(__name__, root_path=str(PROJECT), instance_path=str(INSTANCE), static_folder=None)
    app.config.update(settings(), FAB_ROLES=all_permissions(STAFF_VIEWS))
    app.config.update(overrides)
    register_request(app)
    if "SQLALCHEMY_DATABASE_URI" not in app.config:
        app.config.update(connections(database.start()))
    if proxies := app.config["TRUSTED_PROXIES"]:
        # They end HTTPS before us and say who asked; what the header held before is not believed.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
    db.init_app(app)
    Compress(app)
    register_escaping(app)
    # In this order: who it is, whether the form is of their session, too many of them, and sent before.
    guard(app)
    MaskedTokens(app).exempt(SIGNED)
    limit_rates(app)
    carry_out_once(app)
    find_kept(app)
    protect(app)
    offer_passkeys(app)
    register_kept(app)
    register_static(app)
    register_filters(app)
    put_frame(app)
    register_errors(app)
    register_health(app)
    register_commands(app)
    with app.app_context():
        for pool, engine in db.engines.items():
            keep_statements(engine)
            if pool != ALONE_POOL:
                begin_with(engine, words_at_begin(pool))
            keep_values_out_of_errors(engine)
        portal = Portal(app, db.session, security_manager_class=PortalSecurity, update_perms=False)
        for view in (*SIGN_IN_VIEWS, *PROVIDER_VIEWS, *STAFF_VIEWS):
            portal.add_view_no_menu(view)
    return app
