"""The guides of /help, one for each function: what it is for, step by step, and what people ask about it."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Guide:
    """A guide: its address, what it is about, its steps in order, and answers to what is asked most."""

    slug: str
    title: str
    lead: str
    steps: tuple[str, ...]
    answers: tuple[tuple[str, str], ...] = ()


_ALL: Final = (
    Guide(
        "first-invoice",
        "Your first invoice",
        "From the care you delivered to the day you are paid, in six steps. The first time takes about half an hour.",
        (
            "Open Contract documents. Read each one and choose Accept, or Reject with a reason.",
            "Open Contacts and add the colleagues who need the portal, each with the functions they use.",
            "Open Actuals. Each week shows a row for each line, with the plan beside what you delivered. Type what was "
            "different, then choose Confirm week. Where all went to plan, Confirm as planned does it at once.",
            "Look at Over exception level. A week far above its plan is held there until Service Brokerage decides. "
            "It does not hold up the rest.",
            "Open Invoices and choose Create invoice. The preview shows what can be paid now, and what is left out and "
            "why. Add your own reference if you use one, and choose Submit invoice.",
            "When the council has paid, Remittance advice shows every pound, line by line.",
        ),
        (
            ("I made a mistake after I submitted.", "Withdraw the invoice while no payment run has taken it. After "
             "that, correct the week in Actuals: the difference will be on your next invoice."),
            ("A week is not in the preview.", "The preview names every week that is left out, and what it waits for. "
             "Most often the week is not confirmed yet, or is over the exception level."),
            ("I am too late for this period.", "Confirm the weeks now. They will be on your next invoice."),
        ),
    ),
    Guide(
        "contract-documents",
        "Contract documents",
        "A contract document (ISO) says what care the council has agreed with you for one person.",
        (
            "Open Contract documents. Those you have not answered are first.",
            "Open one. Compare with the earlier version if there is one.",
            "Choose Accept, or Reject with a reason. You are asked for your password again, because this is a "
            "signature.",
            "Download the PDF for your records.",
        ),
        (("It is not what we agreed.", "Reject it and say what is wrong. A conversation with Service Brokerage begins "
          "by itself, and they send a corrected version."),),
    ),
    Guide(
        "line-items",
        "Care package line items",
        "A line item is one kind of care for one person: its plan, its rate, its weeks and what became of them.",
        (
            "Open Line items and find the line by its CPLI, or by the person.",
            "The page of a line says first why something is not paid, and what to do about it.",
            "Below are its plans and rates over time, each week with its amount, and the messages about it.",
            "If somebody you care for is not on the list, choose Report a missing care package.",
        ),
        (("I cannot find a line that has ended.", "Tick “Include historical”."),),
    ),
    Guide(
        "actuals",
        "Actuals",
        "Here you record the care you delivered, week by week.",
        (
            "Open Actuals and choose the week.",
            "Type the units you delivered where they differ from the plan. The total and the pounds follow as you "
            "type. Arrow keys and Enter move as in a spreadsheet.",
            "Give a reason where the page asks for one.",
            "Save keeps what you typed. Confirm week says that it is right and can be invoiced.",
        ),
        (
            ("Can I change a confirmed week?", "Yes, until it is invoiced. After that you can correct it, and the "
             "difference will be on your next invoice."),
            ("Can I confirm many weeks at once?", "Yes. The page first shows for which lines, which weeks and how many "
             "pounds, and it can be undone until they are invoiced."),
        ),
    ),
    Guide(
        "aborted-visits",
        "Aborted visits",
        "A carer was at the door and could not give the care.",
        (
            "In Actuals, go to the day and choose Aborted visit.",
            "Say when the visit was planned, when you were told, and why it could not be given.",
            "The page says at once what is payable and by which rule.",
            "Save. The day counts what is payable.",
        ),
    ),
    Guide(
        "upload",
        "Download and upload actuals",
        "For many lines it is quicker to send a file, from Excel or from your own system.",
        (
            "Download actuals gives you four weeks in Excel with the plan filled in. Or export from your own system.",
            "Open Upload actuals, choose the file, and choose Check file. Nothing is changed yet.",
            "Check your upload shows week by week what would change, what only you can decide, and each row that was "
            "rejected with its reason.",
            "Choose Update the portal. Download the correction file, correct what was rejected, and send that.",
        ),
        (("What does a code mean?", "All codes and what they mean are on the page of codes, for your software's "
          "supplier too."),),
    ),
    Guide(
        "exceptions",
        "Over exception level",
        "A week well above its plan is held until Service Brokerage has decided about it.",
        (
            "Open Over exception level. Each week shows its figures and what is allowed.",
            "If the hours are wrong, correct them in Actuals: the week is free again.",
            "If they are right, choose Ask Service Brokerage and say why more care was needed.",
            "The answer stands on the same page: approved as claimed, approved up to a number of units, or refused.",
        ),
    ),
    Guide(
        "absences",
        "Unplanned absence claims",
        "Planned care could not be given because the person was away without notice, in hospital for example.",
        (
            "Open Unplanned absence claims and choose Make a claim.",
            "Choose the line, the first and the last day, and the reason.",
            "The page shows day by day what is payable. Choose Submit claim.",
            "The Payments Team approves it, approves it in part, or refuses it with a reason.",
        ),
    ),
    Guide(
        "scheduled-payments",
        "Scheduled payments",
        "Care homes are paid every four weeks without an invoice. You only check the payment.",
        (
            "You get an e-mail when the next payment is ready to check.",
            "Open Scheduled payments. What changed since the last payment is first.",
            "If all is right, you have nothing to do.",
            "If not, choose Query this payment before the day shown, or report an absence.",
        ),
    ),
    Guide(
        "remittances",
        "Remittance advice",
        "What was paid, and how every pound came about.",
        (
            "Open Payments and choose a remittance.",
            "Open a person to see each week: units, rate, rule, and the invoice it came from.",
            "Corrections stand as the old amount with a minus, and the new one.",
            "Ask about this line starts a conversation that knows which line you mean.",
        ),
    ),
    Guide(
        "conversations",
        "Conversations",
        "Ask a council team in writing. Both sides see what was said, and who has to answer.",
        (
            "Open Conversations and choose Start a conversation, or choose Ask on the page you ask about.",
            "Choose the team and the subject, and write your message. You can attach files.",
            "The list says whose turn it is, and by when the council means to answer.",
            "Close it with a reason when it is settled. It can be opened again.",
        ),
        (("What must I not write in an e-mail?", "Names of people you care for. Write them in a conversation: it "
          "stays inside the portal."),),
    ),
    Guide(
        "contacts",
        "Contacts and organisation",
        "Who may use the portal for your organisation, and how the council reaches you.",
        (
            "Open Contacts and choose Add a contact. Choose the functions they use. They are invited by e-mail.",
            "When somebody leaves, choose End access on the same day.",
            "Once a quarter, look through the list and confirm that it is still right.",
            "Open Organisation to change addresses and telephone numbers. A change of name, VAT number or bank "
            "account goes to the council as a request.",
        ),
    ),
    Guide(
        "signing-in",
        "Signing in",
        "You need your e-mail address, a password of your own, and a six-digit code.",
        (
            "The council sends you a password to begin with. You choose your own at the first sign-in.",
            "You create a security code: with an authenticator app, or six digits you choose.",
            "Keep the ten recovery codes. Each works once, if you lose your telephone.",
            "Open Your account to add a passkey: your phone, your computer or a security key then replaces the code.",
            "Open Your account to change your password. If you forget it, choose “Forgotten your password?” on the "
            "sign-in page.",
        ),
        (("I was signed out while I typed.", "Sign in again. The page comes back with everything you typed."),),
    ),
)  # fmt: skip

GUIDES: Final = {each.slug: each for each in _ALL}
