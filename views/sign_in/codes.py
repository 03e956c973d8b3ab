"""The catalogue of codes, open to everybody: also to who writes the software that a provider's files come from."""

from flask import render_template
from flask_appbuilder import BaseView, expose

from rules.upload_codes import CATALOGUE, Meaning


class CodesPage(BaseView):
    """`/help/codes`: what each code of a checked file means, who must act, and how it is mended."""

    route_base = "/help/codes"

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    def index(self) -> str:
        """List every code, grouped by what it does to a row."""
        groups = [
            (meaning.value, [each for each in CATALOGUE.values() if each.meaning is meaning]) for meaning in Meaning
        ]
        return render_template("sign_in/codes.html", groups=groups)
