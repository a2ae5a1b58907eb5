"""The tables of one graph: order, sums, pages and copies."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detective_fake.domain import investigations
from detective_fake.domain.membership import InvitationType, Membership, MemberStatus, Usage
from detective_fake.domain.world import MemberTable
from tests.builders import ANA, BEN, NOON, ROLE, a_graph, a_world


def a_row(account_id: str = ANA, number: int = 1, volume: int | None = None) -> Membership:
    return Membership(
        account_id=account_id,
        number=number,
        invitation_type=InvitationType.INVITATION,
        status=MemberStatus.INVITED if volume is None else MemberStatus.ENABLED,
        updated_at=NOON,
        invited_at=NOON,
        usage=None if volume is None else Usage(volume, {}, NOON),
    )


def a_table(*rows: Membership) -> MemberTable:
    table = MemberTable()
    for row in rows:
        table.put(row)
    return table


FAILED = ((1, "3"), (2, "4"))


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

    def test_failed_members_count(self) -> None:
        """A copy has the same sum. Counting again gives it, too, and the order."""
        failed = [attrs.evolve(a_row(each, number), status=MemberStatus.VERIFICATION_FAILED) for number, each in FAILED]
        table = a_table(*failed, a_row(BEN, 5), a_row(ANA, 6, 7))
        table.remove(failed[0].account_id)
        assert (table.failed, table.copy().failed) == (1, 1)
        table.recount()
        assert (table.failed, table.enabled, table.volume) == (1, 1, 7)
        assert table.ordered() == [failed[1], a_row(BEN, 5), a_row(ANA, 6, 7)]

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


class TestInvestigations:
    def test_a_snapshot_does_not_change(self) -> None:
        """The world can be restored from the snapshot."""
        world = a_world()
        graph = a_graph(world)
        before = world.copy()
        identifier = investigations.add(world, graph, ROLE, at=NOON).investigation_id
        assert world.copy() != before
        world.become(before)
        assert world.investigation(graph.arn, identifier) is None
        assert world.copy() == before

    def test_restoring_does_not_change_the_snapshot(self) -> None:
        """One snapshot can be restored repeatedly."""
        world = a_world()
        graph = a_graph(world)
        investigations.add(world, graph, ROLE, at=NOON)
        before = world.copy()
        for _ in range(2):
            investigations.add(world, graph, ROLE, at=NOON)
            world.become(before)
        assert len(world.investigations[graph.arn]) == 1
