"""Investigations of a graph in any order, and what snapshots share of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detective_fake.domain import investigations
from detective_fake.domain.investigation_table import InvestigationTable, SortField, sort_key
from detective_fake.domain.investigations import EntityType, Investigation, Severity, State, Status
from detective_fake.protocol.model import enum_values
from tests.builders import HOUR, MINUTE, NOON, ROLE, a_graph, a_world

if TYPE_CHECKING:
    from collections.abc import Callable

    from detective_fake.domain.investigation_table import SortKey

FINISHED = [(Status.SUCCESSFUL, severity) for severity in Severity]
ENDINGS = [(Status.RUNNING, None), (Status.FAILED, None), *FINISHED]


class TestSortField:
    def test_fields_are_the_service_models(self) -> None:
        """No field is missing, none is made up."""
        assert tuple(field.value for field in SortField) == enum_values("Field")


class TestPage:
    def test_severities_go_by_rank(self) -> None:
        """Not by the alphabet; what runs or failed comes before the least."""
        table = _table((0, Severity.LOW), (1, Severity.CRITICAL), (2, None), (3, Severity.HIGH))
        assert _numbers(table, SortField.SEVERITY) == [2, 0, 3, 1]

    def test_statuses_go_by_the_alphabet(self) -> None:
        """They are words without rank."""
        table = InvestigationTable()
        for number, status in enumerate((Status.SUCCESSFUL, Status.RUNNING, Status.FAILED)):
            table.put(_investigation(number, status=status))
        assert _numbers(table, SortField.STATUS) == [2, 1, 0]

    def test_equals_go_by_age(self) -> None:
        """Those of one time by the order of starting."""
        table = _table((1, Severity.LOW), (3, Severity.LOW), (2, Severity.LOW), minutes={1: 5})
        assert _numbers(table, SortField.SEVERITY) == [2, 3, 1]

    def test_descending_is_the_whole_order_reversed(self) -> None:
        """Equals included: the newest first."""
        table = _table((1, Severity.LOW), (3, Severity.LOW), (2, Severity.HIGH))
        assert _numbers(table, SortField.SEVERITY, descending=True) == [2, 3, 1]

    def test_a_change_is_seen_in_the_next_page(self) -> None:
        """Orders are kept only as long as nothing changes."""
        table = _table((1, Severity.LOW), (2, Severity.HIGH))
        assert _numbers(table, SortField.SEVERITY) == [1, 2]
        table.put(_investigation(1, severity=Severity.CRITICAL))
        assert _numbers(table, SortField.SEVERITY) == [2, 1]

    def test_only_what_matches_is_given(self) -> None:
        """Whether there are more counts only those that match."""
        table = _table((1, Severity.LOW), (2, Severity.HIGH), (3, Severity.LOW))
        page, more = _page(table, limit=2, matches=lambda each: each.severity is Severity.LOW)
        assert ([each.number for each in page], more) == ([1, 3], False)

    @given(
        endings=st.lists(st.tuples(st.sampled_from(ENDINGS), st.integers(0, 3)), max_size=12),
        field=st.sampled_from(SortField),
        descending=st.booleans(),
        limits=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    )
    def test_pages_of_any_sizes_give_everything_once_and_in_order(
        self,
        endings: list[tuple[tuple[Status, Severity | None], int]],
        field: SortField,
        descending: bool,  # noqa: FBT001 - Hypothesis passes keywords
        limits: list[int],
    ) -> None:
        """Whatever the order, and however many are equal."""
        table = InvestigationTable()
        for number, ((status, severity), minutes) in enumerate(endings):
            table.put(_investigation(number, status=status, severity=severity, minutes=minutes))
        walked: list[int] = []
        after: SortKey | None = None
        more = True
        while more and len(walked) <= len(endings):
            limit = limits[len(walked) % len(limits)]
            page, more = _page(table, field, descending=descending, after=after, limit=limit)
            walked += [each.number for each in page]
            after = sort_key(field, page[-1]) if page else None
        assert walked == _numbers(table, field, descending=descending)
        assert sorted(walked) == list(range(len(endings)))


class TestSharing:
    def test_a_snapshot_keeps_what_it_saw(self) -> None:
        """And the world goes back to it."""
        world = a_world()
        graph = a_graph(world)
        before = world.copy()
        identifier = investigations.seed(world, graph, ROLE, at=NOON)
        assert world.copy() != before
        world.become(before)
        assert world.investigation(graph.arn, identifier) is None
        assert world.copy() == before

    def test_going_back_does_not_let_later_changes_into_the_snapshot(self) -> None:
        """One snapshot may be restored again and again."""
        world = a_world()
        graph = a_graph(world)
        investigations.seed(world, graph, ROLE, at=NOON)
        before = world.copy()
        for _ in range(2):
            investigations.seed(world, graph, ROLE, at=NOON)
            world.become(before)
        assert len(world.investigations_of(graph.arn).rows) == 1

    def test_a_copy_is_ordered_by_itself(self) -> None:
        """Orders worked out for one do not reach the other."""
        table = _table((1, Severity.LOW))
        assert _numbers(table, SortField.SEVERITY) == [1]
        copy = table.copy()
        copy.put(_investigation(2, severity=Severity.HIGH))
        assert _numbers(table, SortField.SEVERITY) == [1]
        assert _numbers(copy, SortField.SEVERITY) == [1, 2]

    def test_it_is_equal_to_nothing_else(self) -> None:
        """And to tables with the same investigations."""
        assert _table((1, Severity.LOW)) == _table((1, Severity.LOW))
        assert InvestigationTable() != {}


@pytest.mark.parametrize("entity_type", EntityType)
def test_the_type_of_an_entity_is_no_order(entity_type: EntityType) -> None:
    """Users and roles stand among one another."""
    investigation = _investigation(1, entity_type=entity_type)
    assert sort_key(SortField.CREATED_TIME, investigation) == (0, NOON, 1)


def _investigation(
    number: int,
    *,
    status: Status = Status.SUCCESSFUL,
    severity: Severity | None = None,
    minutes: int = 0,
    entity_type: EntityType = EntityType.IAM_ROLE,
) -> Investigation:
    return Investigation(
        investigation_id=f"{number:021d}",
        number=number,
        entity_arn=ROLE,
        entity_type=entity_type,
        created_at=NOON + minutes * MINUTE,
        scope_start=NOON - HOUR,
        scope_end=NOON,
        status=status,
        severity=severity,
        state=State.ACTIVE,
    )


def _table(*rows: tuple[int, Severity | None], minutes: dict[int, int] | None = None) -> InvestigationTable:
    table = InvestigationTable()
    for number, severity in rows:
        table.put(_investigation(number, severity=severity, minutes=(minutes or {}).get(number, 0)))
    return table


def _page(
    table: InvestigationTable,
    field: SortField = SortField.CREATED_TIME,
    *,
    descending: bool = False,
    after: SortKey | None = None,
    limit: int = 100,
    matches: Callable[[Investigation], bool] = lambda _: True,
) -> tuple[list[Investigation], bool]:
    return table.page(field, descending=descending, after=after, limit=limit, matches=matches)


def _numbers(table: InvestigationTable, field: SortField, *, descending: bool = False) -> list[int]:
    return [each.number for each in _page(table, field, descending=descending)[0]]
