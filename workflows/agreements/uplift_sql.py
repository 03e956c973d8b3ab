"""The statements of an uplift: the lines it covers, what each costs before and after, and the change of them all."""

from typing import Final

from rules.agreement_states import DocumentState
from rules.states import ActualState

STATES: Final = {
    "live": [DocumentState.PUBLISHED.value, DocumentState.ACCEPTED.value],
    "rejected": DocumentState.REJECTED.value,
    "invoiced": [ActualState.INVOICED.value, ActualState.PAID.value],
}

# Each line once, with its rate in force on the day and the one it would have: the uplift of one line goes before that
# of an element, and that before a sector's. Whole pence stay whole pence; a rate with more places keeps four. A
# percentage leaves a rate that begins on that very day, so that an uplift repeated changes nothing.
# The uplifts travel as one JSON parameter, however many there are. Single lines are joined by key, apart from the few
# uplifts of many lines: one join for both would compare every uplift with every line. These are held against all live
# lines, which OFFSET 0 lets PostgreSQL put together by reading each table once: it expects an uplift to be of one line,
# and looked the rates of 19,000 up one by one (saves 0.3 of 4.0 s, make bench).
_WANTED = """
item AS (
  SELECT * FROM jsonb_to_recordset(CAST(:uplifts AS jsonb)) AS item(number integer, start date, percent numeric,
    rate numeric, line_item_id integer, element_id integer, sector_id integer, unit text)
), live AS NOT MATERIALIZED (
  SELECT line.id AS line_id, line.organisation_id, line.document_id, line.element_id, line.unit, line.reference,
    line."end", rate.id AS rate_id, rate.start AS rate_start, rate."end" AS rate_end, rate.rate AS old
  FROM line_item AS line JOIN contract_document AS document ON document.id = line.document_id
  JOIN rate ON rate.line_item_id = line.id AND rate.replaced_at IS NULL
  WHERE document.state = ANY (:live) OR document.state = :rejected AND document.accepted_at IS NOT NULL
), asked AS (
  SELECT item.number, item.start AS since, item.percent, item.rate, item.line_item_id AS single,
    item.element_id AS element, live.*
  FROM item JOIN live ON live.line_id = item.line_item_id
  UNION ALL
  SELECT item.number, item.start, item.percent, item.rate, NULL, item.element_id, line.*
  FROM item CROSS JOIN (SELECT * FROM live OFFSET 0) AS line
    JOIN organisation ON organisation.id = line.organisation_id
  WHERE item.line_item_id IS NULL AND (item.element_id IS NULL OR item.element_id = line.element_id)
    AND (item.unit IS NULL OR item.unit = line.unit)
    AND (item.sector_id IS NULL OR item.sector_id = organisation.sector_id)
), wanted AS MATERIALIZED (
  SELECT DISTINCT ON (line_id) number, line_id, organisation_id, document_id, element_id, unit, reference, since,
    rate_id, rate_start, rate_end, old,
    CASE WHEN rate IS NOT NULL THEN rate WHEN rate_start = since THEN old
      ELSE round(old * (100 + percent) / 100, CASE WHEN old = round(old, 2) THEN 2 ELSE 4 END) END AS new
  FROM asked
  WHERE rate_start <= since AND (rate_end IS NULL OR rate_end >= since) AND ("end" IS NULL OR "end" >= since)
  ORDER BY line_id, single, element, number
)"""

# What each costs a week at the plan of the day, and how far its new rate is from the last and its element's median.
_JUDGED = f"""{_WANTED}, judged AS MATERIALIZED (
  SELECT wanted.*, new <> old AS changes, round(coalesce(units, 0) * old, 2) AS before,
    round(coalesce(units, 0) * new, 2) AS after, median,
    abs(new - old) / nullif(old, 0) AS away, new <> old AND abs(new - old) * 100 > :percent * old AS far_last,
    new <> old AND coalesce(abs(new - median) * 100 > :percent * median, false) AS far_median,
    abs(new - median) / nullif(median, 0) AS away_median
  FROM wanted
  LEFT JOIN LATERAL (SELECT weekly_quantity + mon + tue + wed + thu + fri + sat + sun AS units FROM plan
    WHERE plan.line_item_id = wanted.line_id ORDER BY plan.start <= wanted.since DESC,
      abs(plan.start - wanted.since) LIMIT 1) AS planned ON true
  LEFT JOIN (SELECT key::integer AS element_id, value::numeric AS median
    FROM jsonb_each_text(CAST(:medians AS jsonb))) AS middle USING (element_id)
)"""

# What is the same where every line is the same, and its rate before and after.
_DIGEST = "encode(sha256(string_agg(concat_ws(' ', line_id, since, old, new), ',' ORDER BY line_id)::bytea), 'hex')"
_OF_ALL = f"SELECT {_DIGEST} FROM judged WHERE changes"

# Units of a week from the day on: what is payable of a whole one; of the week that the day splits what was delivered
# on its later days. A week of a line planned by the week has the rate of its first day (rules.md 2).
_UNITS_SINCE = """CASE WHEN actual.week_starting >= judged.since THEN actual.payable ELSE
  {days} END""".format(
    days=" + ".join(
        f"CASE WHEN actual.week_starting + {number} >= judged.since THEN actual.{day} ELSE 0 END"
        for number, day in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
    )
)

# All that is seen at once, in one statement, as finding the lines is most of the work: totals by element and unit (what
# is 'total'), each with the weeks entered already, which are priced by the rate of their days, and by how many pounds
# those on no invoice become dearer; and the farthest outlier of each element and unit, by each measure (what is the
# measure).
SEEN: Final = f"""WITH {_JUDGED}, weeks AS (
  SELECT count(*) FILTER (WHERE NOT actual.state = ANY (:invoiced)) AS open,
    count(*) FILTER (WHERE actual.state = ANY (:invoiced)) AS invoiced,
    coalesce(round(sum(({_UNITS_SINCE}) * (new - old)) FILTER (WHERE NOT actual.state = ANY (:invoiced)), 2), 0) AS more
  FROM judged JOIN actual ON actual.line_item_id = judged.line_id AND actual.week_starting > judged.since - 7
    AND (judged.rate_end IS NULL OR actual.week_starting <= judged.rate_end)
  WHERE changes
), last AS (
  SELECT DISTINCT ON (element_id, unit) * FROM judged WHERE far_last ORDER BY element_id, unit, away DESC, line_id
), middle AS (
  SELECT DISTINCT ON (element_id, unit) * FROM judged WHERE far_median
  ORDER BY element_id, unit, away_median DESC, line_id
), seen AS (
  SELECT 'total' AS what, element_id, unit, count(*) FILTER (WHERE changes) AS changed,
    count(*) FILTER (WHERE NOT changes) AS stay, coalesce(sum(before) FILTER (WHERE changes), 0) AS before,
    coalesce(sum(after) FILTER (WHERE changes), 0) AS after, count(*) FILTER (WHERE far_last) AS far_last,
    count(*) FILTER (WHERE far_median) AS far_median, count(*) FILTER (WHERE far_last OR far_median) AS outliers,
    NULL AS reference, NULL::numeric AS old, NULL::numeric AS new, NULL::numeric AS median
  FROM judged GROUP BY element_id, unit
  UNION ALL
  SELECT 'rate-last', element_id, unit, 0, 0, 0, 0, 0, 0, 0, reference, old, new, median FROM last
  UNION ALL
  SELECT 'rate-median', element_id, unit, 0, 0, 0, 0, 0, 0, 0, reference, old, new, median FROM middle
)
SELECT seen.*, element.name AS element, weeks.open, weeks.invoiced, weeks.more, ({_OF_ALL}) AS digest
FROM seen CROSS JOIN weeks JOIN element ON element.id = seen.element_id ORDER BY what, element.name, unit
"""

_LINE = """line_id, each.reference, element.name AS element, each.unit, since, old, new, before, after, median,
  far_last, far_median"""

# Outliers first, the farthest of them first; then what changes most in pounds.
_ORDER = """far_last OR far_median DESC,
  greatest(away * far_last::integer, away_median * far_median::integer) DESC, abs(after - before) DESC, line_id"""

# Only the lines of the page are looked up in the other tables.
LINES: Final = f"""WITH {_JUDGED}
SELECT {_LINE}, organisation.name AS organisation, person.reference AS person
FROM (SELECT * FROM judged WHERE changes ORDER BY {_ORDER} LIMIT :size OFFSET :skip) AS each
JOIN element ON element.id = each.element_id JOIN organisation ON organisation.id = each.organisation_id
JOIN line_item AS line ON line.id = each.line_id JOIN person ON person.id = line.person_id
ORDER BY {_ORDER}
"""

# How many lines each uplift covers, and how many of them it changes.
COUNTS: Final = f"""WITH {_WANTED}
SELECT number, count(*) AS covered, count(*) FILTER (WHERE new <> old) AS changed FROM wanted GROUP BY number
"""

# The rate of before ends the day before, and the new one lasts as long as that would have; one that begins on the very
# day is replaced. One statement: the database checks it, and keeps its traces, once for all lines. A rate that
# somebody else changes meanwhile is passed over, and so missing in the digest of what was done.
APPLY: Final = f"""WITH {_WANTED}, closed AS (
  UPDATE rate SET "end" = CASE WHEN rate_start < since THEN since - 1 ELSE rate_end END,
    replaced_at = CASE WHEN rate_start < since THEN NULL ELSE now() END
  FROM wanted WHERE rate.id = wanted.rate_id AND new <> old AND rate.rate = old AND rate.start = rate_start
    AND rate."end" IS NOT DISTINCT FROM rate_end
  RETURNING wanted.organisation_id, line_id, document_id, element_id, unit, old, new, since, rate_start, rate_end
), added AS (
  INSERT INTO rate (organisation_id, line_item_id, rate, start, "end", reason, proposal_id)
  SELECT organisation_id, line_id, new, since, rate_end, :reason, :proposal FROM closed
)
SELECT {_DIGEST} AS digest, array_agg(DISTINCT document_id) AS documents FROM closed
"""
