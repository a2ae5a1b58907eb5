"""The short path and the wire path return the same."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from detective_fake import DetectiveFake
from detective_fake.operations.registry import HANDLERS
from tests.random_calls import ACCOUNTS, ARGUMENTS, NOON, Attempt, Driver, Outcome, attempts, client_of, exact


def played(calls: list[Attempt], *, wire: bool) -> tuple[list[Outcome], list[Any], Any]:
    """Return what callers received, what their `after-call` handlers received, and the final state."""
    seen: list[Any] = []
    with DetectiveFake(wire=wire, timings={"recheck": None}) as fake:
        fake.clock.freeze(NOON)
        fake.seed.organization(ACCOUNTS[0], ACCOUNTS[1:4])
        fake.seed.account(ACCOUNTS[4], email="root@example.com")
        fake.seed.account(ACCOUNTS[5], daily_volume_bytes=None)
        driver = Driver(fake)
        outcomes = []
        for call in calls:
            client = client_of(call.account_id, call.region)
            client.meta.events.register("after-call.detective", _noting(seen), unique_id="noting")
            outcomes.append(driver.make(call))
            client.meta.events.unregister("after-call.detective", unique_id="noting")
        return outcomes, seen, fake.snapshot()


def _noting(seen: list[Any]) -> Any:
    def note(http_response: Any, **_: Any) -> None:
        seen.append((http_response.status_code, dict(http_response.headers), http_response.content))

    return note


A_QUARTER = settings(max_examples=settings().max_examples // 4)
"""Every call is made twice, once over the wire."""


class TestEquivalence:
    """The response of the short path equals what botocore parses from the wire."""

    @settings(A_QUARTER)
    @given(st.lists(attempts(), min_size=25, max_size=60))
    def test_both_paths_return_the_same(self, calls: list[Attempt]) -> None:
        """Keys and their order, values, types, exception class, metadata, headers, body and state."""
        short, short_http, short_state = played(calls, wire=False)
        wire, wire_http, wire_state = played(calls, wire=True)
        for one, other in zip(short, wire, strict=True):
            assert one.error == other.error
            assert exact(one.response) == exact(other.response)
        assert short_http == wire_http
        assert short_state == wire_state

    def test_every_operation_takes_part(self) -> None:
        """The random calls include all implemented operations."""
        assert set(ARGUMENTS) == set(HANDLERS)
