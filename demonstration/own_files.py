"""Files of a provider's own rota in the demonstration: one went in, and each of the others waits for its manager.

Its columns are matched once and remembered. One day was typed over since, so that the rota sent again asks about it;
a file of another program waits for its columns to be matched; a photograph of a time sheet cannot be read at all.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from demonstration.history import History, entry_of
from models import LineItem, PaymentPeriod, PortalUser, Upload, db
from rules.period import DAY, WEEK, weeks_of
from workflows.actuals import save as actuals
from workflows.clock import now
from workflows.uploads import steps
from workflows.uploads.matching.columns import first_draft, save_match, table_of

ROTA = "Client Ref,Visit Date,Rostered In,Rostered Out,Clock In,Clock Out,Visit Status,Staff Member,Notes"
HOURS = "Agreement,Care date,Hours (decimal),Shortfall reason"
PHOTOGRAPH = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"
BEGINS = time(8)
# Lines whose visits the rota has, and which of them has the day that is typed over, its third.
LINES, TYPED, THIRD = 3, 0, 2


def send(history: History, organisation_id: int, period: PaymentPeriod) -> None:
    """Let a provider send the files of the last week of a period, on the Monday after it. Commits."""
    week = list(weeks_of(period.start, period.end))[-1]
    with history.provider(organisation_id, week + WEEK) as user:
        lines = [line for line in history.whole_weeks(week) if line.id not in history.away][:LINES]
        _rota(organisation_id, lines, week, user)
        _give("office.csv", _hours(lines, week).encode(), user, organisation_id)
        _give("time sheet.jpg", PHOTOGRAPH, user, organisation_id)


def _rota(organisation_id: int, lines: Sequence[LineItem], week: date, user: PortalUser) -> None:
    upload, table = table_of(_give("rota.csv", _file(lines, week), user, organisation_id).id)
    draft = first_draft(upload, table)
    draft.name = "Rota"
    steps.ask_to_apply(save_match(upload.id, draft, user).id, (), user)
    longer = entry_of(
        lines[TYPED], THIRD, Decimal("0.50"), "LONGER", "The rota was not corrected: stayed for the doctor"
    )
    actuals.save_week(week, [longer], user)
    # Corrected since, but not to what was typed.
    _give("rota again.csv", _file(lines, week, timedelta(minutes=15)), user, organisation_id)


def _give(filename: str, content: bytes, user: PortalUser, organisation_id: int) -> Upload:
    upload = steps.store_upload(filename, content, user, organisation_id)
    upload.given_at = now()  # the database would say today
    db.session.commit()
    return upload


def _file(lines: Sequence[LineItem], week: date, longer: timedelta = timedelta()) -> bytes:
    """Return the rota of a week, one carer a line; the visit that is typed over takes so much longer."""
    rows = [ROTA]
    for place, line in enumerate(lines):
        for number, units in enumerate(line.plans[0].days):
            if units:
                day = week + number * DAY
                begins = datetime.combine(day, BEGINS)
                ends = begins + timedelta(hours=float(units))
                left = ends + longer if (place, number) == (TYPED, THIRD) else ends
                planned, clocked = f"{begins:%H:%M},{ends:%H:%M}", f"{begins:%H:%M},{left:%H:%M}"
                who = f"{line.person.reference},{day:%d/%m/%Y}"
                rows.append(f"{who},{planned},{clocked},Completed,Carer {place + 1},")
    return "\n".join(rows).encode()


def _hours(lines: Sequence[LineItem], week: date) -> str:
    rows = (f"{line.reference},{week:%d/%m/%Y},{line.plans[0].mon},Shift not covered" for line in lines)
    return "\n".join([HOURS, *rows])
