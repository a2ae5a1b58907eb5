"""The tables of one graph: order, sums, pages and copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detective_fake.domain import investigations
from detective_fake.domain.investigation import EntityType, Investigation, Severity, State, Status
from detective_fake.domain.tables import InvestigationTable, SortField, sort_key
from detective_fake.protocol.model import enum_values
from tests.builders import HOUR, MINUTE, NOON, ROLE, a_graph, a_world

if TYPE_CHECKING:
    from collections.abc import Callable

    from detective_fake.domain.tables import SortKey
import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detective_fake.domain.membership import InvitationType, Membership, MemberStatus, Usage
from detective_fake.domain.tables import MemberTable
from tests.builders import ANA, BEN

FINISHED = [(Status.SUCCESSFUL, severity) for severity in Severity]
ENDINGS = [(Status.RUNNING, None), (Status.FAILED, None), *FINISHED]


def a_row(account_id: str = ANA, number: int = 1, volume: int | None = None) -> Membership:
    return Membership(
        account_id=account_id,
        number=number,
        invitation_type=InvitationType.INVITATION,
        status=MemberStatus.INVITED if volume is None else MemberStatus.ENABLED,
        updated_at=NOON,
        usage=None if volume is None else Usage(volume, {}, NOON),
    )


def a_table(*rows: Membership) -> MemberTable:
    table = MemberTable()
    for row in rows:
        table.put(row)
    return table


class TestOrder:
    def test_rows_are_ordered_by_number(self) -> None:
        """The order of insertion does not matter."""
        late, early = a_row(ANA, 7), a_row(BEN, 3)
        assert a_table(late, early).ordered() == [early, late]

    def test_a_change_is_visible(self) -> None:
        """A change is visible even after the order has been cached."""
        table = a_table(a_row(ANA, 1), a_row(BEN, 2))
        table.ordered()
        table.remove(ANA)
        assert table.ordered() == [a_row(BEN, 2)]

    @pytest.mark.parametrize(
        ("number", "limit", "expected", "more"),
        [(0, 2, [1, 3], True), (1, 2, [3, 5], False), (2, 1, [3], True), (5, 9, [], False), (0, 3, [1, 3, 5], False)],
    )
    def test_a_page_starts_after_a_number(self, number: int, limit: int, expected: list[int], *, more: bool) -> None:
        """The number may belong to a row that has been removed."""
        table = a_table(*(a_row(str(each), each) for each in (5, 1, 3)))
        rows, are_more = table.after(number, limit)
        assert ([row.number for row in rows], are_more) == (expected, more)

    def test_a_page_is_a_copy(self) -> None:
        """A page can be read after the table has changed."""
        table = a_table(a_row())
        rows, _ = table.after(0, 5)
        table.remove(ANA)
        assert rows == [a_row()]


class TestSums:
    def test_enabled_members_count(self) -> None:
        """A member with an unknown volume counts as enabled and adds no volume."""
        unknown = attrs.evolve(a_row("3", 3, 9), usage=None)
        table = a_table(a_row(ANA, 1, 5), a_row(BEN, 2), unknown)
        assert (table.enabled, table.volume) == (2, 5)
        table.remove("3")
        assert (table.enabled, table.volume) == (1, 5)

    @given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([None, 0, 5, 7])), max_size=20))
    def test_they_follow_every_change(self, changes: list[tuple[str, int | None]]) -> None:
        """The sums stay correct after rows are added, replaced and removed in any order."""
        table = a_table()
        for number, (account_id, volume) in enumerate(changes):
            if volume == 0 and account_id in table.rows:
                table.remove(account_id)
            else:
                table.put(a_row(account_id, number, volume))
        enabled = [row for row in table.rows.values() if row.status is MemberStatus.ENABLED]
        assert table.enabled == len(enabled)
        assert table.volume == sum(row.usage.total for row in enabled if row.usage)

    def test_removing_a_missing_row_is_an_error(self) -> None:
        """No operation removes a missing row, so this is an internal error."""
        with pytest.raises(KeyError):
            a_table().remove(ANA)


class TestCopies:
    def test_a_copy_is_equal(self) -> None:
        """A copy has the same sums and the same order."""
        table = a_table(a_row(ANA, 1, 5), a_row(BEN, 2))
        copy = table.copy()
        assert copy == table
        assert (copy.enabled, copy.volume, copy.ordered()) == (1, 5, table.ordered())

    def test_a_copy_is_independent(self) -> None:
        """Changes to one table do not affect the other."""
        table = a_table(a_row())
        copy = table.copy()
        copy.put(a_row(BEN, 2, 5))
        table.remove(ANA)
        assert (list(copy.rows), copy.enabled) == ([ANA, BEN], 1)
        assert (list(table.rows), table.enabled) == ([], 0)

    def test_different_tables_are_not_equal(self) -> None:
        """A table is not equal to an object of another type, either."""
        assert a_table(a_row()) != a_table()
        assert a_table() != object()


class TestSortField:
    def test_fields_match_the_service_model(self) -> None:
        """`SortField` has exactly the values of the service model."""
        assert tuple(field.value for field in SortField) == enum_values("Field")


class TestPage:
    def test_severities_are_sorted_by_rank(self) -> None:
        """The order is not alphabetical. Investigations without a severity come first."""
        table = _table((0, Severity.LOW), (1, Severity.CRITICAL), (2, None), (3, Severity.HIGH))
        assert _numbers(table, SortField.SEVERITY) == [2, 0, 3, 1]

    def test_statuses_are_sorted_alphabetically(self) -> None:
        """Statuses have no rank."""
        table = InvestigationTable()
        for number, status in enumerate((Status.SUCCESSFUL, Status.RUNNING, Status.FAILED)):
            table.put(_investigation(number, status=status))
        assert _numbers(table, SortField.STATUS) == [2, 1, 0]

    def test_ties_are_sorted_by_age(self) -> None:
        """Ties are in order of creation time, then in order of number."""
        table = _table((1, Severity.LOW), (3, Severity.LOW), (2, Severity.LOW), minutes={1: 5})
        assert _numbers(table, SortField.SEVERITY) == [2, 3, 1]

    def test_descending_order_reverses_ties_too(self) -> None:
        """Among ties, the newest investigation comes first."""
        table = _table((1, Severity.LOW), (3, Severity.LOW), (2, Severity.HIGH))
        assert _numbers(table, SortField.SEVERITY, descending=True) == [2, 3, 1]

    def test_a_change_is_visible_in_the_next_page(self) -> None:
        """Cached orders are discarded when the table changes."""
        table = _table((1, Severity.LOW), (2, Severity.HIGH))
        assert _numbers(table, SortField.SEVERITY) == [1, 2]
        table.put(_investigation(1, severity=Severity.CRITICAL))
        assert _numbers(table, SortField.SEVERITY) == [2, 1]

    def test_a_page_contains_only_matching_rows(self) -> None:
        """The flag for further rows considers only matching rows, too."""
        table = _table((1, Severity.LOW), (2, Severity.HIGH), (3, Severity.LOW))
        page, more = _page(table, limit=2, matches=lambda each: each.severity is Severity.LOW)
        assert ([each.number for each in page], more) == ([1, 3], False)

    @given(
        endings=st.lists(st.tuples(st.sampled_from(ENDINGS), st.integers(0, 3)), max_size=12),
        field=st.sampled_from(SortField),
        descending=st.booleans(),
        limits=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    )
    def test_pages_of_any_size_return_each_row_once_in_order(
        self,
        endings: list[tuple[tuple[Status, Severity | None], int]],
        field: SortField,
        descending: bool,  # noqa: FBT001 - Hypothesis passes keywords
        limits: list[int],
    ) -> None:
        """Paging works for every sort order and any number of ties."""
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
    def test_a_snapshot_does_not_change(self) -> None:
        """The world can be restored from the snapshot."""
        world = a_world()
        graph = a_graph(world)
        before = world.copy()
        identifier = investigations.seed(world, graph, ROLE, at=NOON)
        assert world.copy() != before
        world.become(before)
        assert world.investigation(graph.arn, identifier) is None
        assert world.copy() == before

    def test_restoring_does_not_change_the_snapshot(self) -> None:
        """One snapshot can be restored repeatedly."""
        world = a_world()
        graph = a_graph(world)
        investigations.seed(world, graph, ROLE, at=NOON)
        before = world.copy()
        for _ in range(2):
            investigations.seed(world, graph, ROLE, at=NOON)
            world.become(before)
        assert len(world.investigations_of(graph.arn).rows) == 1

    def test_a_copy_has_its_own_order_cache(self) -> None:
        """A cached order of one table does not affect the other."""
        table = _table((1, Severity.LOW))
        assert _numbers(table, SortField.SEVERITY) == [1]
        copy = table.copy()
        copy.put(_investigation(2, severity=Severity.HIGH))
        assert _numbers(table, SortField.SEVERITY) == [1]
        assert _numbers(copy, SortField.SEVERITY) == [1, 2]

    def test_tables_are_compared_by_content(self) -> None:
        """A table is not equal to an object of another type."""
        assert _table((1, Severity.LOW)) == _table((1, Severity.LOW))
        assert InvestigationTable() != object()


@pytest.mark.parametrize("entity_type", EntityType)
def test_the_entity_type_does_not_affect_the_order(entity_type: EntityType) -> None:
    """Users and roles are sorted together."""
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
