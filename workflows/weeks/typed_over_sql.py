"""Days that have visits beside the figures of their weeks, as SQL: `lines` and `weeks` are those written, paired."""

from typing import Final

from models.visit_sql import ROLLED_UP

_WEEKS: Final = "unnest(CAST(:lines AS integer[]), CAST(:weeks AS date[])) AS week (line_item_id, monday)"
# Of nearly all weeks nothing is noted: a file of 42,000 visits goes in a tenth sooner for not adding them up again.
_NOTED: Final = f"""{_WEEKS} WHERE EXISTS (SELECT FROM typed_over_day AS noted
  WHERE noted.line_item_id = week.line_item_id AND noted.day BETWEEN week.monday AND week.monday + 6)"""


def _figures(weeks: str) -> str:
    """Return the figures of some weeks: those of days that have visits, beside what these come to."""
    return f"""
WITH week AS MATERIALIZED (SELECT * FROM {weeks}),
figure AS (
  SELECT sent.organisation_id, sent.line_item_id, sent.day, sent.units AS sent, actual.changed_at, actual.changed_by_id,
    CASE WHEN line_item.plan_kind = 'WEEKLY' THEN actual.delivered
      ELSE (ARRAY[mon, tue, wed, thu, fri, sat, sun])[sent.day - sent.week_starting + 1] END AS units
  FROM ({
        ROLLED_UP.format(
            where='''EXISTS (SELECT FROM week
    WHERE week.line_item_id = visit.line_item_id AND visit.day BETWEEN week.monday AND week.monday + 6)'''
        )
    }) AS sent
  JOIN actual ON actual.line_item_id = sent.line_item_id AND actual.week_starting = sent.week_starting
  JOIN line_item ON line_item.id = sent.line_item_id)
"""


FORGET: Final = f"""{_figures(_NOTED)}
DELETE FROM typed_over_day USING figure
WHERE figure.line_item_id = typed_over_day.line_item_id AND figure.day = typed_over_day.day
  AND figure.units = figure.sent"""
NOTE: Final = f"""{_figures(_WEEKS)}
INSERT INTO typed_over_day AS noted (organisation_id, line_item_id, day, units, typed_at, typed_by_id)
SELECT organisation_id, line_item_id, day, units, changed_at, changed_by_id FROM figure WHERE units <> sent
ON CONFLICT (line_item_id, day) DO UPDATE
SET units = excluded.units, typed_at = excluded.typed_at, typed_by_id = excluded.typed_by_id
WHERE noted.units <> excluded.units"""
HAVE_VISITS: Final = f"""
SELECT EXISTS (SELECT FROM {_WEEKS}
JOIN visit ON visit.line_item_id = week.line_item_id AND visit.day BETWEEN week.monday AND week.monday + 6)"""
