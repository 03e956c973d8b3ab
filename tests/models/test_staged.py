"""Bulk loads through a temporary table."""

from sqlalchemy import Column, String, select

from models import db
from models.staged import pack, staged
from tests.support.worlds.world import World


def test_every_line_break_comes_through_a_bulk_load(world: World) -> None:
    words = ["\r", "a\rb", "c\nd", "e\r\nf", ""]
    table = staged("staged_words", [Column("words", String)], pack([[each] for each in words]))
    assert list(db.session.scalars(select(table.c.words))) == words
