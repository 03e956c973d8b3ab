"""What visits come to, as SQL: the promise that a day with visits has their units is asked in more than one place."""

from typing import Final

# The units of the visits of lines by day, as rules/visit.py counts them: a line planned by the week has but one figure,
# which stands at the Monday. `{where}` narrows `visit`.
ROLLED_UP: Final = """
SELECT organisation_id, line_item_id, date_trunc('week', day)::date AS week_starting,
  CASE plan_kind WHEN 'WEEKLY' THEN date_trunc('week', day)::date ELSE day END AS day, sum(units) AS units
FROM (
  SELECT visit.organisation_id, visit.line_item_id, visit.day, line_item.plan_kind,
    CASE WHEN line_item.unit = 'HOUR' THEN round(sum(counted) / 60.0, 2)
      WHEN line_item.unit IN ('DAY', 'NIGHT') THEN least(1, count(*) FILTER (WHERE outcome = 'DELIVERED'))
      ELSE count(DISTINCT (begins, CASE WHEN carer || slot = '' THEN visit.reference ELSE '' END))
        FILTER (WHERE outcome = 'DELIVERED') END AS units
  FROM visit JOIN line_item ON line_item.id = visit.line_item_id
  WHERE {where}
  GROUP BY visit.organisation_id, visit.line_item_id, visit.day, line_item.unit, line_item.plan_kind) AS by_day
GROUP BY organisation_id, line_item_id, 3, 4"""
