"""What the seals of the audit trail are made from."""

from typing import Final

# An event as it is sealed: every column, in one writing that no session's time zone or style changes.
_DIGEST: Final = """sha256(convert_to(jsonb_build_array(event.id, (extract(epoch FROM event.at) * 1000000)::bigint,
  event.user_id, event.organisation_id, event.action, event.record, event.record_id, event.before, event.after,
  event.why, event.from_address, event.request_id)::text, 'UTF8'))"""

# Ids are given before a transaction ends, so a later one may be seen first: what is not in a recent seal is looked for
# from the last id on that was sealed before anything could still be open.
UNSEALED: Final = f"""
SELECT event.id, {_DIGEST} AS digest FROM audit_event AS event
WHERE event.id > coalesce((SELECT max(event_ids[cardinality(event_ids)]) FROM audit_seal
                           WHERE at < now() - CAST(:longest_open AS interval)), 0)
  AND NOT EXISTS (SELECT FROM audit_seal, unnest(event_ids) AS sealed (id)
                  WHERE audit_seal.at >= now() - CAST(:longest_open AS interval) AND sealed.id = event.id)
ORDER BY event.id LIMIT :most"""

DIGESTS: Final = f"""
SELECT event.id, {_DIGEST} AS digest FROM audit_event AS event WHERE event.id = ANY (:ids)"""

# What somebody put under the seals afterwards, or what a seal was taken off.
NEVER_SEALED: Final = """
SELECT event.id FROM audit_event AS event
WHERE event.at < now() - CAST(:longest_open AS interval)
  AND NOT EXISTS (SELECT FROM audit_seal, unnest(event_ids) AS sealed (id) WHERE sealed.id = event.id)
ORDER BY event.id LIMIT 1000"""
