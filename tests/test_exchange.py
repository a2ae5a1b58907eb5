"""What adapters, service and journal hand to one another."""

from __future__ import annotations

from detective_fake.exchange import Caller, Deferred, Request, Result, copy_value, write_body
from tests.builders import ANA, NOON, REGION


class TestWritten:
    def test_deferred_parts_are_written_out(self) -> None:
        """The others stay as they are, in their order."""
        body = {"a": Deferred(list, ((1, 2),)), "b": NOON, "c": Deferred(sorted, ([2, 1],))}
        assert list(write_body(body).items()) == [("a", [1, 2]), ("b", NOON), ("c", [1, 2])]

    def test_each_time_anew(self) -> None:
        """Whoever changes what was written changes nobody else's."""
        body = {"a": Deferred(dict, ({"x": 1},))}
        write_body(body)["a"].clear()
        assert write_body(body) == {"a": {"x": 1}}

    def test_only_what_is_read_is_written(self) -> None:
        """A body nobody reads costs nothing."""
        reads: list[int] = []
        body = {"a": Deferred(reads.append, (1,))}
        assert not reads
        write_body(body)
        assert reads == [1]

    def test_an_empty_body_is_an_empty_dict(self) -> None:
        """Of its own."""
        body: dict[str, object] = {}
        assert write_body(body) == {}
        assert write_body(body) is not body


class TestValues:
    def test_callers_are_compared_by_what_they_are(self) -> None:
        """The journal's assertions do."""
        assert Caller(ANA, "the default") == Caller(ANA, "the default", None)
        assert Caller(ANA, "the default") != Caller(ANA, "the default", "AKIA")

    def test_requests_and_results_by_which_they_are(self) -> None:
        """Two equal calls are two calls."""
        requests = [Request("ListGraphs", {}, Caller(ANA, "the default"), REGION, REGION) for _ in range(2)]
        results = [Result("ListGraphs", {}, None, "id", NOON) for _ in range(2)]
        assert requests[0] != requests[1]
        assert results[0] != results[1]

    def test_a_request_is_well_formed_unless_said_otherwise(self) -> None:
        """And need not come from a client that names itself."""
        request = Request("ListGraphs", {}, Caller(ANA, "the default"), REGION, REGION)
        assert (request.user_agent, request.malformed) == ("", False)


class TestCopied:
    def test_containers_are_nobody_elses(self) -> None:
        """All the way down; tuples become lists, as JSON has them."""
        given = {"a": [{"b": 1}], "c": (NOON,)}
        copy = copy_value(given)
        assert copy == {"a": [{"b": 1}], "c": [NOON]}
        copy["a"][0].clear()
        assert given["a"] == [{"b": 1}]

    def test_other_values_are_the_same(self) -> None:
        """They do not change."""
        assert copy_value(NOON) is NOON
