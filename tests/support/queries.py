"""Counts what a request asks of the database."""

from types import TracebackType
from typing import Any, Self

from sqlalchemy import event
from sqlalchemy.engine import Engine

# What notes whose records a page showed, once it is made: one statement however many people, and no query of the page.
OF_THE_TRAIL = "note_in_trail"


class Queries(list[str]):
    """`with Queries() as queries:` collects every statement sent to the database meanwhile, but for the trail's own."""

    def __enter__(self) -> Self:
        event.listen(Engine, "before_cursor_execute", self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        event.remove(Engine, "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if OF_THE_TRAIL not in statement:
            self.append(" ".join(statement.split())[:200])
