"""Files stand with their message for good, count against what an organisation may send, and are nobody else's."""

from datetime import date

import pytest
from sqlalchemy import delete, func, select, text, update

from models import Attachment, Message, Organisation, PortalUser, Team, acting_for, db, limit_to_services
from rules.policy import SETTINGS
from rules.refusal import Refused, Unknown
from tests.support.at_once import at_once
from tests.support.attachments import EML, HTML, PDF
from tests.support.weeks import week
from tests.support.world import World
from workflows.clock import story_at
from workflows.conversations.attach import AttachedFile, one_attachment
from workflows.conversations.write import Typed, Writer, reply, start

LETTER = AttachedFile("../letter.exe.pdf", PDF)


class Sender:
    """A provider who writes to Payments with files."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.organisation: Organisation = world.organisation()
        self.user = db.session.get_one(PortalUser, world.contact(self.organisation).user_id)
        self.officer = world.officer("Payments officer")
        self.team = str(db.session.scalars(select(Team.id).where(Team.name == "Payments")).one())

    def start(self, *files: AttachedFile) -> int:
        with acting_for(self.organisation.id):
            typed = Typed(team=self.team, topic="actuals", message="Please see the letter.")
            return start(typed, self.user, self.organisation.id, files).id


@pytest.fixture
def sender(world: World) -> Sender:
    return Sender(world)


def stored() -> list[Attachment]:
    db.session.rollback()
    return list(db.session.scalars(select(Attachment).order_by(Attachment.id)))


def test_files_are_kept_with_their_message_under_a_safe_name(sender: Sender) -> None:
    conversation_id = sender.start(LETTER, AttachedFile("mail.eml", EML))
    found = stored()
    assert [(each.filename, each.kind, each.size) for each in found] == [
        ("letter_exe.pdf", "pdf", len(PDF)),
        ("mail.eml", "eml", len(EML)),
    ]
    assert {each.message.conversation_id for each in found} == {conversation_id}
    assert one_attachment(conversation_id, found[0].id).content == PDF


def test_one_bad_file_sends_nothing_and_every_one_is_named(sender: Sender) -> None:
    with pytest.raises(Refused) as refused:
        sender.start(LETTER, AttachedFile("picture.png", HTML), AttachedFile("empty.txt", b""))
    assert [problem.wrong for problem in refused.value.problems] == [
        "“picture.png” is not what its name says.",
        "“empty.txt” is empty.",
    ]
    assert db.session.scalar(select(func.count(Message.id))) == 0
    assert not stored()


def test_six_files_are_too_many(sender: Sender) -> None:
    with pytest.raises(Refused, match="Send at most 5 with a message"):
        sender.start(*[LETTER] * 6)


def test_the_same_message_with_the_same_files_is_sent_once(sender: Sender) -> None:
    conversation_id = sender.start()
    writer = Writer(sender.user)
    for _ in range(2):
        with acting_for(sender.organisation.id):
            reply(conversation_id, "Here", writer, [LETTER])
    assert len(stored()) == 1
    with acting_for(sender.organisation.id):
        reply(conversation_id, "Here", writer, [AttachedFile("mail.eml", EML)])
    assert len(stored()) == 2


def test_an_organisation_sends_so_much_a_day_and_the_council_is_not_limited(sender: Sender) -> None:
    sender.world.policy("attachments_day_mebibytes", "1")
    half = AttachedFile("letter.pdf", PDF + bytes(600_000))
    with story_at(date(2017, 11, 20)):
        conversation_id = sender.start(half)
        with pytest.raises(Refused, match="can attach 1 MB in a day"):
            sender.start(half)
        officer = Writer(sender.officer, from_council=True, teams=("Payments",))
        reply(conversation_id, "Ours", officer, [half, half])
    with story_at(date(2017, 11, 21)):
        sender.start(half)
    assert len(stored()) == 4


def test_an_organisation_has_so_much_altogether(sender: Sender) -> None:
    sender.world.policy("attachments_total_mebibytes", "1")
    sender.start(AttachedFile("letter.pdf", PDF + bytes(600_000)))
    with pytest.raises(Refused, match="almost the 1 MB that it can"):
        sender.start(AttachedFile("letter.pdf", PDF + bytes(600_000)))


def test_two_who_send_at_once_do_not_both_fit_in_what_is_left(sender: Sender) -> None:
    sender.world.policy("attachments_day_mebibytes", "1")
    half = AttachedFile("letter.pdf", PDF + bytes(600_000))

    def send() -> str:
        try:
            sender.start(half)
        except Refused:
            return "refused"
        return "sent"

    assert sorted(at_once(sender.world.app, send, send)) == ["refused", "sent"]


def test_a_file_stays_as_it_was_sent(sender: Sender) -> None:
    sender.start(LETTER)
    for change in (update(Attachment).values(filename="x.pdf"), delete(Attachment)):
        with pytest.raises(Exception, match="permission denied"):
            db.session.execute(change)
        db.session.rollback()


def test_a_file_is_there_for_its_own_organisation_and_conversation_alone(sender: Sender) -> None:
    conversation_id = sender.start(LETTER)
    other_id = sender.start()
    found = stored()[0].id
    with acting_for(sender.organisation.id):
        assert one_attachment(conversation_id, found).content == PDF
    for scope, where, weeks in (
        (sender.organisation.id, other_id, False),
        (sender.organisation.id, conversation_id, True),
        (sender.world.organisation("Broadland Care CIC").id, conversation_id, False),
    ):
        with acting_for(scope), pytest.raises(Unknown):
            one_attachment(where, found, only_weeks=weeks)


@pytest.mark.parametrize("about", ["{line.document.reference}", "{line.reference}", "{line.reference} 16/10/2017"])
def test_who_is_limited_to_services_reads_nothing_about_others(sender: Sender, about: str) -> None:
    line = sender.world.line(sender.organisation)
    week(line)

    def seen() -> list[int]:
        counts = "SELECT (SELECT count(*) FROM conversation), (SELECT count(*) FROM attachment)"
        return list(db.session.execute(text(counts)).one())

    with acting_for(sender.organisation.id):
        typed = Typed(sender.team, "actuals", "", about.format(line=line), "See the letter.")
        start(typed, sender.user, sender.organisation.id, [LETTER])
        limit_to_services([line.service_id])
        assert seen() == [1, 1]
        limit_to_services([line.service_id + 1000])
        assert seen() == [0, 0]
        limit_to_services([])


def test_the_policy_allows_no_kind_that_the_portal_cannot_judge() -> None:
    assert set(SETTINGS["attachment_kinds"].choices) == {"pdf", "png", "jpg", "docx", "xlsx", "csv", "txt", "eml"}
