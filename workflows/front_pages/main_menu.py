"""What the main menu shows a contact: what needs doing, what was paid, and the dates ahead."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Row, select, text

from models import Announcement, Contact, db
from rules.money import pounds
from rules.period import date_range, uk_date
from rules.states import ProviderFunction
from workflows.clock import today


@dataclass(frozen=True)
class Card:
    """One thing to do: how many, of what, by when, and where. `tone` is late, soon, good or nothing."""

    count: str
    text: str
    when: str
    href: str
    link: str
    tone: str = ""


@dataclass(frozen=True)
class Entry:
    """One function of the portal, in the main menu's list."""

    href: str
    text: str
    note: str


@dataclass(frozen=True)
class MainMenu:
    """The main menu of one contact; `paid` is first day of period, amount, amount in words, in thousands."""

    cards: list[Card]
    first_steps: list[tuple[str, str, bool]]
    entries: list[Entry]
    paid: list[tuple[str, Decimal, str, str]]
    dates: list[tuple[str, str]]
    announcements: list[Announcement]


# Claims are made by who records care, and by who looks after the money.
EITHER = (ProviderFunction.ACTUALS, ProviderFunction.PAYMENTS)
# A refusal is shown on the menu for so many days.
REFUSED_LATELY = 14

CLAIMS = Entry("/absence-claims", "Unplanned absence claims", "When planned care could not be given")
ENTRIES = (
    (ProviderFunction.DOCUMENTS, Entry("/contract-documents", "Contract documents", "View, accept or reject ISOs")),
    (ProviderFunction.DOCUMENTS, Entry("/line-items", "Care package line items", "What is commissioned, at what rate")),
    (ProviderFunction.ACTUALS, Entry("/actuals", "Actuals", "Record the care you delivered, week by week")),
    (ProviderFunction.ACTUALS, Entry("/actuals/download", "Download actuals", "Four weeks to Excel")),
    (ProviderFunction.ACTUALS, Entry("/actuals/upload", "Upload actuals", "From Excel or your own system")),
    (
        ProviderFunction.ACTUALS,
        Entry("/exceptions", "Over exception level", "Weeks that are held, and what Service Brokerage decides"),
    ),
    *((function, CLAIMS) for function in EITHER),
    (ProviderFunction.PAYMENTS, Entry("/invoices", "Invoices", "Create, submit and follow")),
    (ProviderFunction.PAYMENTS, Entry("/remittances", "Remittance advice", "What was paid, line by line")),
    (ProviderFunction.CONVERSATIONS, Entry("/conversations", "Conversations", "Ask a council team, read its answers")),
)

# Everything that waits, in one query. A week counts from the day after its Sunday; the period is the one due next;
# late are the weeks of the last half year whose period's date has passed.
WAITING = text(
    """
    WITH open_period AS (
      SELECT * FROM payment_period WHERE "end" < :today AND submit_by >= :today ORDER BY start LIMIT 1
    ), latest_period AS (
      SELECT * FROM payment_period WHERE start <= :today ORDER BY start DESC LIMIT 1
    ), period AS (
      SELECT * FROM open_period UNION ALL SELECT * FROM latest_period WHERE NOT EXISTS (SELECT FROM open_period)
    ), line_week AS (
      SELECT line_item.id, week::date AS week, each.id AS period_id, each.submit_by
      FROM payment_period AS each
      CROSS JOIN generate_series(each.start, least(each."end", :today ::date - 7), interval '7 days') AS week
      JOIN line_item ON line_item.start <= week::date + 6 AND coalesce(line_item."end", 'infinity') >= week::date
      JOIN contract_document ON contract_document.id = line_item.document_id
      WHERE line_item.payment_method = 'ACTUALS' AND contract_document.state IN ('published', 'accepted')
        AND each.start > :today ::date - 180 AND each.start <= :today
    ), due AS (
      SELECT line_week.* FROM line_week JOIN period ON period.id = line_week.period_id
    ), late AS (
      SELECT line_week.week FROM line_week
      LEFT JOIN actual ON actual.line_item_id = line_week.id AND actual.week_starting = line_week.week
      WHERE line_week.submit_by < :today AND coalesce(actual.state, 'draft') = 'draft'
    )
    SELECT period.start, period."end", period.submit_by, period.pay_on,
      (SELECT count(*) FROM due) AS due,
      (SELECT count(*) FROM due JOIN actual ON actual.line_item_id = due.id AND actual.week_starting = due.week
        WHERE actual.state <> 'draft') AS confirmed,
      (SELECT count(*) FROM late) AS late, (SELECT min(week) FROM late) AS late_week,
      (SELECT count(*) FROM exception_check WHERE over AND decision IS NULL) AS held,
      (SELECT count(*) FROM exception_check WHERE over AND decision IS NULL AND NOT EXISTS (
        SELECT FROM conversation JOIN team ON team.id = conversation.team_id AND team.name = 'Service Brokerage'
        WHERE conversation.actual_id = exception_check.actual_id AND conversation.state <> 'closed')) AS not_asked,
      (SELECT count(*) FROM actual LEFT JOIN exception_check ON exception_check.actual_id = actual.id
        WHERE actual.state = 'confirmed' AND NOT coalesce(over AND decision IS NULL, false)) AS ready,
      (SELECT count(*) FROM contract_document WHERE state = 'published') AS documents,
      (SELECT min(published_at) FROM contract_document WHERE state = 'published') AS oldest_document,
      (SELECT count(*) FROM contract_document WHERE state = 'accepted') AS accepted,
      (SELECT count(*) FROM actual) AS actuals,
      (SELECT count(*) FROM invoice WHERE state <> 'draft') AS invoices,
      (SELECT count(*) FROM absence_claim WHERE state = 'draft') AS claim_drafts,
      (SELECT min(id) FROM absence_claim WHERE state = 'draft') AS claim_draft,
      refused.claims AS refused_claims, refused.claim AS refused_claim
    FROM (SELECT) AS always LEFT JOIN period ON true CROSS JOIN (
      SELECT count(*) AS claims, min(id) AS claim FROM absence_claim AS refused
      WHERE state = 'refused' AND decided_at > :today ::date - :lately ::integer
        AND NOT EXISTS (SELECT FROM absence_claim AS again WHERE again.line_item_id = refused.line_item_id
          AND again.id > refused.id AND again.first_day <= refused.last_day AND again.last_day >= refused.first_day)
    ) AS refused
    """
)

PAID = text(
    "SELECT pay_date, total FROM (SELECT pay_date, sum(total) AS total FROM remittance"
    " GROUP BY pay_date ORDER BY pay_date DESC LIMIT 6) AS latest ORDER BY pay_date"
)


def for_contact(contact: Contact, answers: int = 0) -> MainMenu:
    """Return the main menu of a contact, with only what their functions open; `answers` are conversations to read."""
    waiting = db.session.execute(WAITING, {"today": today(), "lately": REFUSED_LATELY}).one()
    functions = contact.functions
    sees_money = ProviderFunction.PAYMENTS in functions
    cards: list[Card] = []
    if ProviderFunction.ACTUALS in functions:
        cards += _week_cards(waiting)
    if ProviderFunction.DOCUMENTS in functions:
        cards += _document_cards(waiting)
    if set(EITHER) & set(functions):
        cards += _claim_cards(waiting)
    if sees_money:
        cards += _invoice_cards(waiting)
    if ProviderFunction.CONVERSATIONS in functions:
        cards += _conversation_cards(answers)
    return MainMenu(
        cards=cards,
        first_steps=_first_steps(waiting, functions),
        entries=list(dict.fromkeys(entry for function, entry in ENTRIES if function in functions)),
        paid=[_bar(row.pay_date, row.total) for row in db.session.execute(PAID)] if sees_money else [],
        dates=_dates(waiting),
        announcements=_announcements(contact),
    )


def _week_cards(waiting: Row[tuple[object, ...]]) -> list[Card]:
    cards = []
    if waiting.held:
        words = "week over the exception level" if waiting.held == 1 else "weeks over the exception level"
        which = "Not" if waiting.not_asked == waiting.held else f"{waiting.not_asked} not"
        asked = f"{which} asked about yet" if waiting.not_asked else "Service Brokerage decides"
        when = f"{asked}; everything else can be invoiced"
        cards.append(Card(str(waiting.held), words, when, "/exceptions", "Over exception level", "late"))
    if waiting.late:
        words = "week not confirmed in time" if waiting.late == 1 else "weeks not confirmed in time"
        when = "Their date has passed; confirm them now and your next invoice takes them"
        cards.append(
            Card(str(waiting.late), words, when, f"/actuals?week={waiting.late_week}", "Confirm late weeks", "late")
        )
    if waiting.due and waiting.confirmed < waiting.due:
        days = (waiting.submit_by - today()).days
        when = f"Due in {days} days, {uk_date(waiting.submit_by)}" if days > 1 else f"Due {uk_date(waiting.submit_by)}"
        words = f"weeks confirmed for {date_range(waiting.start, waiting.end)}"
        count = f"{waiting.confirmed} of {waiting.due}"
        cards.append(Card(count, words, when, f"/actuals?week={waiting.start}", "Confirm actuals", "soon"))
    return cards


def _document_cards(waiting: Row[tuple[object, ...]]) -> list[Card]:
    if not waiting.documents:
        return []
    words = "contract document to accept" if waiting.documents == 1 else "contract documents to accept"
    days = (today() - waiting.oldest_document.date()).days if waiting.oldest_document else 0
    when = f"Oldest waiting {days} days" if days > 1 else "New"
    return [Card(str(waiting.documents), words, when, "/contract-documents", "Contract documents")]


def _claim_cards(waiting: Row[tuple[object, ...]]) -> list[Card]:
    cards = []
    if waiting.refused_claims:
        words = "absence claim refused" if waiting.refused_claims == 1 else "absence claims refused"
        cards.append(
            _claim_card(waiting.refused_claims, waiting.refused_claim, words, "The reason is on the claim", "late")
        )
    if waiting.claim_drafts:
        words = "absence claim not sent" if waiting.claim_drafts == 1 else "absence claims not sent"
        when = "Kept as a draft: submit or withdraw it"
        cards.append(_claim_card(waiting.claim_drafts, waiting.claim_draft, words, when, "soon"))
    return cards


def _claim_card(number: int, claim_id: int, words: str, when: str, tone: str) -> Card:
    href, link = (
        (f"/absence-claims/{claim_id}", "Open the claim") if number == 1 else ("/absence-claims", "Open claims")
    )
    return Card(str(number), words, when, href, link, tone)


def _invoice_cards(waiting: Row[tuple[object, ...]]) -> list[Card]:
    if not waiting.ready:
        return []
    words = "confirmed week ready to invoice" if waiting.ready == 1 else "confirmed weeks ready to invoice"
    return [Card(str(waiting.ready), words, "Paid within 30 days", "/invoices/create", "Create invoice", "good")]


def _conversation_cards(answers: int) -> list[Card]:
    if not answers:
        return []
    words = "answer to read" if answers == 1 else "answers to read"
    return [Card(str(answers), words, "From the council's teams", "/conversations", "Conversations", "soon")]


def _first_steps(waiting: Row[tuple[object, ...]], functions: list[ProviderFunction]) -> list[tuple[str, str, bool]]:
    """Return words, address and whether it is done, in the council's order; nothing once all are done."""
    steps = [
        (ProviderFunction.DOCUMENTS, "View your contract documents", "/contract-documents", bool(waiting.accepted)),
        (ProviderFunction.ACTUALS, "Record your actuals", "/actuals", bool(waiting.actuals)),
        (ProviderFunction.PAYMENTS, "Create an invoice", "/invoices/create", bool(waiting.invoices)),
    ]
    own = [(words, href, done) for function, words, href, done in steps if function in functions]
    return [] if all(done for _, _, done in own) else own


def _dates(waiting: Row[tuple[object, ...]]) -> list[tuple[str, str]]:
    if not waiting.start:
        return []
    period = date_range(waiting.start, waiting.end)
    return [
        (uk_date(waiting.submit_by), f"Actuals due for {period}"),
        (uk_date(waiting.pay_on), "Payment for that period"),
    ]


def _bar(day: date, total: Decimal) -> tuple[str, Decimal, str, str]:
    return f"{day:%-d %b}", total, pounds(total), f"£{total / 1000:,.1f}k"


def _announcements(contact: Contact) -> list[Announcement]:
    """Return what is announced to this organisation today, newest first."""
    on_page = select(Announcement).where(
        Announcement.in_force(today()),
        (Announcement.sector_id == contact.organisation.sector_id) | Announcement.sector_id.is_(None),
        (Announcement.organisation_id == contact.organisation_id) | Announcement.organisation_id.is_(None),
    )
    return list(db.session.scalars(on_page.order_by(Announcement.start.desc())))
