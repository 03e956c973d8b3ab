"""The statements that make the conversations of a period: about weeks over the level, and about invoices.

Of what is long past everything is closed; else it is one side's turn or the other's.
"""

# Two in five of the decided, three in five of the held weeks were asked about; of the held, a third was asked back.
ABOUT_WEEKS = """
INSERT INTO conversation (organisation_id, team_id, topic, subject, actual_id, state, opened_at, target_on,
  first_answer_by, closed_at, closed_reason, read_at, opened_by_id)
SELECT organisation_id, %(team)s, 'over exception level',
  'Over exception level: line ' || reference || ', week of ' || to_char(week, 'FMDD FMMonth YYYY'), week.id, turn.state,
  asked_at, CASE WHEN turn.state = %(to_council)s THEN answer_by END, answer_by,
  CASE WHEN turn.state = %(closed)s THEN answered_at END,
  CASE WHEN turn.state <> %(closed)s THEN '' WHEN decision = %(as_claimed)s THEN 'Approved as claimed'
    ELSE 'Settled' END,
  CASE WHEN mod(luck, 4) > 0 AND turn.state <> %(to_council)s THEN answered_at ELSE asked_at END, writes
FROM county_week AS week JOIN county_shape AS shape USING (set_id, slot)
CROSS JOIN LATERAL (SELECT CASE
    WHEN NOT decided THEN CASE WHEN mod(luck, 3) > 0 THEN %(to_council)s ELSE %(to_provider)s END
    WHEN %(past)s OR decision = %(as_claimed)s THEN %(closed)s ELSE %(to_provider)s END AS state) AS turn
CROSS JOIN LATERAL (SELECT least(saved_at + INTERVAL '1 hour', %(latest)s) AS asked_at,
    least(saved_at + INTERVAL '2 days', %(latest)s) AS answered_at) AS moment
JOIN county_day ON day = (asked_at AT TIME ZONE 'Europe/London')::date
WHERE week.over AND week.state <> %(draft)s AND mod(luck, 5) < CASE WHEN decided THEN 2 ELSE 3 END
ORDER BY week.id"""

# One organisation in five asks about its invoice.
ABOUT_INVOICES = """
INSERT INTO conversation (organisation_id, team_id, subject, invoice_id, state, opened_at, target_on,
  first_answer_by, closed_at, closed_reason, read_at, opened_by_id)
SELECT organisation_id, %(team)s, 'Invoice ' || number, invoice.id, turn.state, asked_at,
  CASE WHEN turn.state = %(to_council)s THEN answer_by END, answer_by,
  CASE WHEN turn.state = %(closed)s THEN answered_at END, CASE WHEN turn.state = %(closed)s THEN 'Answered' ELSE '' END,
  CASE WHEN mod(luck, 4) > 0 AND turn.state <> %(to_council)s THEN answered_at ELSE asked_at END, pays
FROM (SELECT *, (hashint8extended(organisation_id::bigint * 1000 + %(number)s, %(seed)s) & 9223372036854775807) / 1000
      AS luck FROM invoice WHERE period_id = %(period)s) AS invoice JOIN county_provider USING (organisation_id)
CROSS JOIN LATERAL (SELECT CASE WHEN %(past)s OR mod(luck, 3) = 0 THEN %(closed)s
    WHEN mod(luck, 3) = 1 THEN %(to_council)s ELSE %(to_provider)s END AS state) AS turn
CROSS JOIN LATERAL (SELECT least(submitted_at + INTERVAL '1 day', %(latest)s) AS asked_at,
    least(submitted_at + INTERVAL '3 days', %(latest)s) AS answered_at) AS moment
JOIN county_day ON day = (asked_at AT TIME ZONE 'Europe/London')::date
WHERE mod(luck / 12, 5) = 0 ORDER BY organisation_id"""

MESSAGES = (
    """
INSERT INTO message (organisation_id, conversation_id, author_id, from_council, body, sent_at)
SELECT conversation.organisation_id, conversation.id, writes, false, question, opened_at
FROM conversation JOIN county_week AS week ON week.id = actual_id JOIN county_shape USING (set_id, slot)
WHERE conversation.id >= %(first)s ORDER BY conversation.id""",
    """
INSERT INTO message (organisation_id, conversation_id, author_id, from_council, body, sent_at)
SELECT conversation.organisation_id, conversation.id, pays, false, %(question)s, opened_at
FROM conversation JOIN county_provider USING (organisation_id)
WHERE conversation.id >= %(first)s AND invoice_id IS NOT NULL ORDER BY conversation.id""",
    """
INSERT INTO message (organisation_id, conversation_id, author_id, from_council, team_id, body, sent_at)
SELECT conversation.organisation_id, conversation.id,
  CASE WHEN actual_id IS NULL THEN %(payments)s ELSE %(brokerage)s END::integer,
  true, conversation.team_id,
  CASE WHEN actual_id IS NULL THEN %(answer)s WHEN decided THEN shape.answer ELSE %(asked_back)s END,
  least(opened_at + INTERVAL '47 hours', %(latest)s)
FROM conversation LEFT JOIN county_week AS week ON week.id = actual_id
LEFT JOIN county_shape AS shape USING (set_id, slot)
WHERE conversation.id >= %(first)s AND conversation.state <> %(to_council)s ORDER BY conversation.id""",
)
