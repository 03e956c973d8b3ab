"""Django's admin on the portal's tables, in this process: what else would generate the lists and records of staff.

Its models are made from ours, each column and each key to one other record; lists and forms have the columns of our
pages, in their order. As its manual advises for large tables, related rows are joined, keys are typed rather than
chosen among thousands, and no list counts its rows twice. Its own tables stand in a schema of their own.
"""

from decimal import Decimal
from typing import Any

import django
import psycopg
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.db import models
from django.db.models import DO_NOTHING, Field
from django.urls import URLPattern, URLResolver, path
from sqlalchemy import Column, Enum, Numeric, inspect
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import RelationshipDirection
from werkzeug.test import Client

SCHEMA = "django_bench"
APP = "bench"
PAGE_SIZE = 25
HOST = "localhost"
LONGEST = 2000

urlpatterns: list[URLPattern | URLResolver] = []
_made: dict[type, Any] = {}


def start(owner: str, views: list[Any]) -> Client:
    """Give a client signed in to an admin that has the record views' lists and records; only once in a process."""
    _configure(owner)
    for view in views:
        admin.site.register(_model_of(view.datamodel.obj), _admin_of(view))
    call_command("migrate", verbosity=0)
    urlpatterns.append(path("admin/", admin.site.urls))
    return _signed_in()


def list_address(view: Any) -> str:
    """Return the address of a view's list in Django's admin."""
    return f"/admin/{APP}/{view.datamodel.obj.__name__.lower()}/"


def record_address(view: Any, key: int) -> str:
    """Return the address of a record in Django's admin."""
    return f"{list_address(view)}{key}/change/"


def _configure(owner: str) -> None:
    with psycopg.connect(owner.replace("+psycopg:", ":", 1), autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {SCHEMA}")
    parts = ("admin", "auth", "contenttypes", "sessions", "messages")
    settings.configure(
        SECRET_KEY="bench",
        ALLOWED_HOSTS=[HOST],
        ROOT_URLCONF=__name__,
        DATABASES={"default": _database(make_url(owner))},
        INSTALLED_APPS=[*(f"django.contrib.{part}" for part in parts), APP],
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        LANGUAGE_CODE="en-gb",
        TIME_ZONE="UTC",
        USE_TZ=True,
        STATIC_URL="/static/",
    )
    django.setup()


def _database(url: URL) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.database,
        "USER": url.username,
        "PASSWORD": url.password or "",
        "HOST": url.query.get("host") or url.host or "",
        "PORT": url.query.get("port") or url.port or "",
        "CONN_MAX_AGE": None,
        "OPTIONS": {"options": f"-c search_path={SCHEMA},public"},
    }


def _signed_in() -> Client:
    from django.contrib.auth import get_user_model
    from django.test import Client as DjangoClient

    user = get_user_model().objects.create_superuser("bench", password="!")
    known = DjangoClient()
    known.force_login(user)
    client = Client(WSGIHandler())
    name = settings.SESSION_COOKIE_NAME
    client.set_cookie(name, known.cookies[name].value, domain=HOST)
    return client


def _admin_of(view: Any) -> type:
    relations = [field.name for field in _model_of(view.datamodel.obj)._meta.fields if field.is_relation]
    name, way = view.base_order
    known = {field.name for field in _model_of(view.datamodel.obj)._meta.fields}
    return type(
        type(view).__name__,
        (admin.ModelAdmin,),
        {
            "list_display": [each for each in view.list_columns if each in known],
            "list_select_related": [each for each in view.list_columns if each in relations],
            "list_per_page": PAGE_SIZE,
            "show_full_result_count": False,
            "ordering": [f"{'-' if way == 'desc' else ''}{name}"],
            "actions": None,
            "fields": [each for each in view.show_columns if each in known],
            "raw_id_fields": relations,
        },
    )


def _model_of(mapped: type) -> Any:
    """Return Django's model of one of our tables, made once, with those it refers to."""
    if mapped in _made:
        return _made[mapped]
    mapper: Any = inspect(mapped)
    fields: dict[str, Any] = {}
    by_column: set[str] = set()
    for relation in mapper.relationships:
        columns = [column.name for column in relation.local_columns]
        if relation.direction is RelationshipDirection.MANYTOONE and len(columns) == 1 and columns[0] not in by_column:
            by_column.add(columns[0])
            to = mapped if relation.mapper.class_ is mapped else relation.mapper.class_
            fields[relation.key] = models.ForeignKey(
                "self" if to is mapped else _model_of(to),
                DO_NOTHING,
                db_column=columns[0],
                related_name="+",
                null=mapper.columns[columns[0]].nullable,
            )
    for key, column in mapper.columns.items():
        if column.name not in by_column:
            fields[key] = _field_of(column)
    meta = type("Meta", (), {"managed": False, "db_table": mapper.local_table.name, "app_label": APP})
    shown = {name: getattr(mapped, name) for name in ("__str__", "get_full_name") if hasattr(mapped, name)}
    _made[mapped] = type(mapped.__name__, (models.Model,), {"__module__": __name__, "Meta": meta, **shown, **fields})
    apps.clear_cache()
    return _made[mapped]


def _field_of(column: Column[Any]) -> Field:
    if column.primary_key:
        return models.AutoField(primary_key=True)
    known: dict[str, Any] = {"db_column": column.name, "null": column.nullable, "blank": True}
    if isinstance(column.type, Numeric) and column.type.python_type is Decimal:
        return models.DecimalField(
            max_digits=column.type.precision or 12, decimal_places=column.type.scale or 2, **known
        )
    if isinstance(column.type, Enum):
        choices = [(each, each) for each in column.type.enums]
        return models.CharField(max_length=LONGEST, choices=choices, **known)
    kinds = {"int": models.IntegerField, "bool": models.BooleanField, "date": models.DateField,
             "datetime": models.DateTimeField}  # fmt: skip
    try:
        kind = kinds.get(column.type.python_type.__name__)
    except NotImplementedError:
        kind = None
    return kind(**known) if kind else models.CharField(max_length=LONGEST, **known)
