"""What an invoice is checked for when it is sent: one that fails nothing is accepted at once (rules.md 8)."""

from models import Organisation
from rules.agreement_states import DocumentState
from rules.words import counted
from workflows import policy
from workflows.clock import today
from workflows.invoices.preview import Preview

# Care on documents that were turned down or taken back is looked at by a person.
DOUBTFUL = (DocumentState.REJECTED, DocumentState.WITHDRAWN)


def failed_checks(found: Preview, organisation: Organisation) -> list[str]:
    """Return why an officer has to look at an invoice before it is paid, a sentence each; nothing where none has to."""
    failed = []
    at_once = policy.of("invoices_accepted_at_once", organisation, today())
    if not at_once.value:
        failed.append(f"Every invoice of this provider is looked at (rule {policy.rule_words(at_once)}).")
    for state in DOUBTFUL:
        lines = {each.line.reference for each in found.lines if each.line.document.state is state}
        if lines:
            named = f"{counted(len(lines), 'line')} ({', '.join(sorted(lines)[:5])}{'…' if len(lines) > 5 else ''})"
            failed.append(f"The contract document of {named} is {state.value}.")
    return failed
