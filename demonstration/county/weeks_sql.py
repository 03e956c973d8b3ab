"""The statements that make the weeks of a period: each makes all of them.

`chance` is a number that depends on the seed, the line and the week alone; `luck` is what of it did not choose the
shape, so that one says nothing about the other.
"""

LOOK_UPS = (
    """
CREATE TEMPORARY TABLE county_shape (
  set_id integer, slot integer, mon numeric, tue numeric, wed numeric, thu numeric, fri numeric, sat numeric,
  sun numeric, planned numeric, delivered numeric, missed numeric, extra numeric, payable numeric, reason text,
  comment text, percent numeric, least_units numeric, extras_allowed boolean, allowance numeric, over boolean,
  rule text, question text, decision text, decision_reason text, decided_units numeric, decided_payable numeric,
  answer text, PRIMARY KEY (set_id, slot))""",
    """
CREATE TEMPORARY TABLE county_line (
  id integer PRIMARY KEY, organisation_id integer, set_id integer, reference text, unit text,
  start date, "end" date)""",
    "CREATE TEMPORARY TABLE county_away (line_id integer, week date, PRIMARY KEY (line_id, week))",
    "CREATE TEMPORARY TABLE county_day (day date PRIMARY KEY, answer_by date)",
    """
CREATE TEMPORARY TABLE county_provider AS
SELECT organisation_id, min(user_id) FILTER (WHERE may_payments) AS pays, min(user_id) AS writes
FROM contact WHERE may_actuals GROUP BY organisation_id""",
    """
CREATE TEMPORARY TABLE county_week (
  id integer, organisation_id integer, line_id integer, reference text, unit text, week date, rate numeric,
  set_id integer, slot integer, luck bigint, state text, payable numeric, over boolean, decided boolean,
  version integer, saved_at timestamptz, writes integer)""",
)

# Of the period that ended last (`open`) one week in sixteen is not entered, one in twelve is a draft, and all over the
# level are held; before it nearly all are decided. What comes to nothing is on an invoice like any other.
FILL = """
INSERT INTO county_week
SELECT nextval('actual_id_seq'), found.* FROM (
  WITH every AS (
    SELECT line.*, monday::date AS week,
      hashint8extended(line.id::bigint * 10000 + (monday::date - DATE '2000-01-03') / 7, %(seed)s)
        & 9223372036854775807 AS chance
    FROM county_line AS line
    JOIN generate_series(%(start)s::timestamp, %(end)s::timestamp, INTERVAL '7 days') AS monday
      ON line.start <= monday AND coalesce(line."end", 'infinity') > monday),
  shaped AS (
    SELECT every.id AS line_id, organisation_id, reference, unit, every.week, chance / 1000 AS luck, shape.*,
      shape.over AND NOT %(open)s AND mod(chance / 1000, 50) > 0 AS decided
    FROM every LEFT JOIN county_away AS away ON away.line_id = every.id AND away.week = every.week
    JOIN county_shape AS shape ON shape.set_id = every.set_id
      AND shape.slot = CASE WHEN away.line_id IS NULL THEN mod(chance, %(away)s) ELSE %(away)s END)
  SELECT shaped.organisation_id, line_id, reference, unit, week, rate.rate, set_id, slot, luck,
    CASE WHEN %(open)s AND mod(luck, 100) < 14 THEN %(draft)s
      WHEN over AND NOT decided OR %(open)s THEN %(confirmed)s ELSE %(settled)s END,
    CASE WHEN decided THEN decided_payable ELSE payable END,
    over, decided,
    1 + (decided AND decided_payable <> payable OR comment = '' AND mod(luck, 50) = 1)::integer,
    least(week + 7 + mod(luck, 3)::integer + TIME '09:30', %(today)s::timestamp) AT TIME ZONE 'Europe/London',
    writes
  FROM shaped
  JOIN county_provider ON county_provider.organisation_id = shaped.organisation_id
  JOIN rate ON rate.line_item_id = line_id AND rate.start <= week AND coalesce(rate."end", 'infinity') >= week
  WHERE NOT %(open)s OR mod(luck, 100) >= 6
  ORDER BY week, line_id) AS found"""

SAVE = """
INSERT INTO actual (id, organisation_id, line_item_id, week_starting, state, in_hours, mon, tue, wed, thu, fri, sat,
  sun, delivered, planned, aborted, aborted_payable, missed, extra, payable, reason, comment, source, version,
  changed_at, changed_by_id, confirmed_at, confirmed_by_id)
SELECT id, organisation_id, line_id, week, state, unit = %(hour)s, mon, tue, wed, thu, fri, sat, sun,
  delivered, planned, 0, 0, missed, extra, shape.payable, reason, comment, %(source)s, 1, saved_at, writes,
  CASE WHEN state <> %(draft)s THEN saved_at END, CASE WHEN state <> %(draft)s THEN writes END
FROM county_week JOIN county_shape AS shape USING (set_id, slot) ORDER BY id"""

CHECK = """
INSERT INTO exception_check (organisation_id, actual_id, planned, claimed, percent, least_units, extras_allowed,
  allowance, over, rule, checked_at)
SELECT organisation_id, id, planned, shape.payable, percent, least_units, extras_allowed, allowance, shape.over, rule,
  saved_at
FROM county_week JOIN county_shape AS shape USING (set_id, slot) ORDER BY id"""

COMMENT = """
UPDATE actual SET comment = %(comment)s, version = 2, changed_at = saved_at + INTERVAL '1 hour'
FROM county_week AS week WHERE actual.id = week.id AND week.version = 2 AND NOT decided"""

DECIDE = (
    """
WITH made AS (
  INSERT INTO exception_decision (organisation_id, actual_id, actual_version, planned, claimed, decision, units, reason,
    start, "end", decided_at, decided_by_id)
  SELECT organisation_id, id, 1, planned, shape.payable, shape.decision, shape.decided_units, shape.decision_reason,
    week, week + 6, saved_at + INTERVAL '2 days', %(officer)s
  FROM county_week JOIN county_shape AS shape USING (set_id, slot) WHERE decided ORDER BY id
  RETURNING id, actual_id)
UPDATE exception_check SET decision_id = made.id FROM made WHERE made.actual_id = exception_check.actual_id""",
    """
UPDATE actual SET payable = week.payable, version = 2, source = %(source)s, changed_at = saved_at + INTERVAL '2 days',
  changed_by_id = %(officer)s
FROM county_week AS week WHERE actual.id = week.id AND week.version = 2 AND decided""",
)
