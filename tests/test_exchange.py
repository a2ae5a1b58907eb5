"""The values that adapters, the service and the journal exchange."""

from __future__ import annotations

from detective_fake.exchange import Caller, Deferred, Request, Result, copy_value, write_body
from tests.builders import ANA, NOON, REGION


class TestWritten:
    def test_deferred_values_are_computed(self) -> None:
        """`write_body` computes deferred values, and keeps all other values and the order."""
        body = {"a": Deferred(list, ((1, 2),)), "b": NOON, "c": Deferred(sorted, ([2, 1],))}
        assert list(write_body(body).items()) == [("a", [1, 2]), ("b", NOON), ("c", [1, 2])]

    def test_each_call_returns_a_new_body(self) -> None:
        """Changing a written body does not affect the next one."""
        body = {"a": Deferred(dict, ({"x": 1},))}
        write_body(body)["a"].clear()
        assert write_body(body) == {"a": {"x": 1}}

    def test_lists_and_dicts_are_copied(self) -> None:
        """At any depth."""
        body = {"a": [{"x": 1}]}
        write_body(body)["a"][0].clear()
        assert body == {"a": [{"x": 1}]}

    def test_deferred_values_are_computed_only_on_writing(self) -> None:
        """A body that is never written computes nothing."""
        reads: list[int] = []
        body = {"a": Deferred(reads.append, (1,))}
        assert not reads
        write_body(body)
        assert reads == [1]

    def test_an_empty_body_is_a_new_empty_dict(self) -> None:
        """Writing an empty body returns an empty dict that is not the body itself."""
        body: dict[str, object] = {}
        assert write_body(body) == {}
        assert write_body(body) is not body


class TestValues:
    def test_callers_are_compared_by_value(self) -> None:
        """Callers with the same account and rule are equal. Access keys of one account change."""
        assert Caller(ANA, "the default") == Caller(ANA, "the default", "AKIA")
        assert Caller(ANA, "the default") != Caller(ANA, "acting_as")

    def test_requests_and_results_are_compared_by_identity(self) -> None:
        """Two calls with the same values are not equal."""
        requests = [Request("ListGraphs", {}, Caller(ANA, "the default"), REGION, REGION) for _ in range(2)]
        results = [Result("ListGraphs", {}, None, "id", NOON) for _ in range(2)]
        assert requests[0] != requests[1]
        assert results[0] != results[1]

    def test_defaults_of_a_request(self) -> None:
        """A request is well-formed and has no user agent by default."""
        request = Request("ListGraphs", {}, Caller(ANA, "the default"), REGION, REGION)
        assert (request.user_agent, request.malformed) == ("", False)


class TestCopied:
    def test_containers_are_copied_deeply(self) -> None:
        """Dicts and lists are copied at every level. Tuples become lists, as in JSON."""
        given = {"a": [{"b": 1}], "c": (NOON,)}
        copy = copy_value(given)
        assert copy == {"a": [{"b": 1}], "c": [NOON]}
        copy["a"][0].clear()
        assert given["a"] == [{"b": 1}]

    def test_other_values_are_not_copied(self) -> None:
        """Immutable values such as times are returned as they are."""
        assert copy_value(NOON) is NOON
