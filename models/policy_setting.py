"""Policy settings: the council's own figures, dated, changed by staff under their own names."""

from __future__ import annotations

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Day, Key, Words, words
from models.line_item import LineItem
from models.organisation import Organisation
from models.sector import Sector
from models.team import Team
from models.user import PortalUser
from rules.policy import SETTINGS
from rules.states import PolicyScope


class PolicySetting(Model):
    """A value of a setting from a date on, for the council or one sector, organisation, line or team (`scope_id`)."""

    __tablename__ = "policy_setting"
    __table_args__ = (
        UniqueConstraint("name", "scope", "scope_id", "valid_from", postgresql_nulls_not_distinct=True),
        CheckConstraint("(scope = 'council') = (scope_id IS NULL)", name="scope"),
    )
    id: Mapped[Key]
    name: Mapped[Words]
    value: Mapped[Words]
    scope: Mapped[PolicyScope] = mapped_column(words(PolicyScope), default=PolicyScope.COUNCIL)
    scope_id: Mapped[int | None]
    valid_from: Mapped[Day]
    why: Mapped[Words] = mapped_column(default="", server_default="")
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    changed_by: Mapped[PortalUser | None] = relationship(foreign_keys=[changed_by_id])
    sector: Mapped[Sector | None] = relationship(
        primaryjoin="and_(foreign(PolicySetting.scope_id) == Sector.id, PolicySetting.scope == 'sector')", viewonly=True
    )
    organisation: Mapped[Organisation | None] = relationship(
        primaryjoin="and_(foreign(PolicySetting.scope_id) == Organisation.id, PolicySetting.scope == 'organisation')",
        viewonly=True,
    )
    line_item: Mapped[LineItem | None] = relationship(
        primaryjoin="and_(foreign(PolicySetting.scope_id) == LineItem.id, PolicySetting.scope == 'line')", viewonly=True
    )
    team: Mapped[Team | None] = relationship(
        primaryjoin="and_(foreign(PolicySetting.scope_id) == Team.id, PolicySetting.scope == 'team')", viewonly=True
    )

    @property
    def applies_to(self) -> str:
        """Whom the value is for, in words."""
        return str(self.sector or self.organisation or self.line_item or self.team or "Everybody")

    def __str__(self) -> str:
        setting = SETTINGS.get(self.name)
        return f"{setting.wording if setting else self.name} from {self.valid_from:%-d %B %Y}"
