"""Common properties of all domain values: frozen, slotted, hashable, with sensitive data masked."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import attrs
import pytest

from detective_fake.domain.account import Account, Designation, Organization
from detective_fake.domain.event_queue import EventKind, PendingEvent
from detective_fake.domain.graph import DatasourcePackage, IngestState, PackageIngest
from detective_fake.domain.indicators import NewAso
from detective_fake.domain.investigations import EntityType, Investigation, PreparedInvestigation
from detective_fake.domain.membership import Email, InvitationType, Membership, MemberStatus, Usage
from detective_fake.formatting import MASK
from tests.builders import ADMINISTRATOR, ANA, HOUR, MANAGEMENT, NOON, ROLE, a_graph

ADDRESS, MESSAGE = "ana@example.com", "Join us."
CORE = DatasourcePackage.DETECTIVE_CORE
USAGE = Usage(5, {CORE: 5}, NOON)
ASO = NewAso(aso="AMAZON-02")

VALUES = [
    Account(account_id=ANA, email=ADDRESS),
    Organization(organization_id="o-1", management_account_id=MANAGEMENT, accounts={MANAGEMENT: None, ANA: ADDRESS}),
    Designation(administrator_id=ADMINISTRATOR, graph_arn="arn", delegated_at=NOON),
    PackageIngest(state=IngestState.STARTED, changes={IngestState.STARTED: NOON}),
    a_graph(),
    USAGE,
    Membership(ANA, 1, InvitationType.INVITATION, MemberStatus.ENABLED, NOON, NOON, ADDRESS, usage=USAGE),
    Email(ANA, ADDRESS, ADMINISTRATOR, "arn", MESSAGE, NOON),
    PendingEvent(NOON, 1, EventKind.VERIFICATION, "arn", ANA, message=MESSAGE),
    ASO,
    PreparedInvestigation(indicators=(ASO,)),
    Investigation(
        investigation_id="1",
        number=1,
        entity_arn=ROLE,
        entity_type=EntityType.IAM_ROLE,
        created_at=NOON,
        scope_start=NOON,
        scope_end=NOON + HOUR,
        indicators=(ASO,),
    ),
]
each_value = pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)


@each_value
class TestValue:
    def test_equal_values_have_the_same_hash(self, value: Any) -> None:
        """Tests can put values into sets and use them as dictionary keys."""
        twin = pickle.loads(pickle.dumps(value))  # noqa: S301 - our own value
        assert twin is not value
        assert twin == value
        assert len({value, twin, copy.copy(value)}) == 1

    def test_a_value_is_immutable(self, value: Any) -> None:
        """Existing fields and new attributes cannot be set."""
        for name in (attrs.fields(type(value))[0].name, "note"):
            with pytest.raises((attrs.exceptions.FrozenInstanceError, AttributeError)):
                setattr(value, name, None)
        assert not hasattr(value, "__dict__")

    def test_sensitive_values_are_masked(self, value: Any) -> None:
        """The representation shows neither e-mail addresses nor messages."""
        assert ADDRESS not in repr(value)
        assert MESSAGE not in repr(value)


@pytest.mark.parametrize(
    ("value", "changes"),
    [
        (a_graph(), {"tags": {"team": "blue"}}),
        (a_graph(), {"packages": {}}),
        (USAGE, {"by_package": {}}),
        (VALUES[0], {"volumes": None}),
        (VALUES[1], {"accounts": {}}),
        (VALUES[3], {"changes": {}}),
    ],
)
def test_mappings_are_compared_but_not_hashed(value: Any, changes: dict[str, Any]) -> None:
    """Mappings are part of the comparison, but not of the hash."""
    changed = attrs.evolve(value, **changes)
    assert changed != value
    assert hash(changed) == hash(value)


def test_an_absent_value_is_not_masked() -> None:
    """The representation shows that there is no address or message."""
    assert "email=None" in repr(Account(account_id=ANA))
    assert f"{{'{MANAGEMENT}': None, '{ANA}': {MASK}}}" in repr(VALUES[1])
