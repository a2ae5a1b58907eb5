"""Tests of `detective_fake.controls.fault_terms`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from detective_fake.controls.fault_terms import COMMON_ERRORS, FaultRules, Terms, terms_of
from detective_fake.domain.account import MalformedAccountId
from detective_fake.errors import AccessDenied, FakeUsageError, ServiceError, ServiceQuotaExceeded, TooManyRequests
from detective_fake.protocol.model import error_statuses, operations
from tests.builders import ADMINISTRATOR, ANA, BEN
from tests.journal.journals import a_request


def check_region(region: str) -> None:
    if region != "us-east-1":
        raise FakeUsageError(region)


RULES = FaultRules(tuple(operations()), error_statuses(), check_region)


def terms(operation: str = "ListMembers", **options: Any) -> Terms:
    """Return terms; an error where the options name nothing that happens."""
    does = {"error", "status", "network", "unprocessed", "latency", "callback"} & options.keys()
    usual: dict[str, Any] = {} if does else {"error": "ConflictException"}
    return terms_of(RULES, operation, **usual, **options)


def error(**options: Any) -> ServiceError:
    found = terms(**options).error
    assert found is not None
    return found


class TestErrors:
    @pytest.mark.parametrize("code", error_statuses())
    def test_detectives_own_are_known(self, code: str) -> None:
        """With their usual messages, as the service's own classes."""
        found = error(error=code)
        assert (found.error_code, found.status, type(found).code) == (code, None, code)
        assert found.message == type(found).default_message

    def test_one_that_only_a_newer_model_has_is_known_too(self) -> None:
        """Without a message, if none is given."""
        rules = FaultRules(("ListMembers",), {"NewException": 418}, check_region)
        found = terms_of(rules, "ListMembers", error="NewException").error
        assert found is not None
        assert (found.error_code, found.status, found.message) == ("NewException", None, "")

    @pytest.mark.parametrize("code", COMMON_ERRORS)
    def test_those_of_the_front_end_are_known(self, code: str) -> None:
        """With status and message."""
        found = error(error=code)
        assert (found.error_code, (found.status, found.message)) == (code, COMMON_ERRORS[code])

    def test_message_and_status_can_be_others(self) -> None:
        """Of either kind."""
        found = error(error="ThrottlingException", message="Slow", status=503)
        assert (found.message, found.status) == ("Slow", 503)
        found = error(error="TooManyRequestsException", message="Slow", status=503)
        assert (found.message, found.status) == ("Slow", 503)

    @pytest.mark.parametrize(
        ("status", "code"),
        [
            (429, "TooManyRequestsException"),
            (503, "ServiceUnavailableException"),
            (500, "InternalServerException"),
            (409, "ConflictException"),
        ],
    )
    def test_a_status_alone_stands_for_its_error(self, status: int, code: str) -> None:
        """Detective's own where there is one."""
        assert error(status=status).error_code == code

    def test_a_code_of_ones_own_needs_a_status(self) -> None:
        """Else it is probably misspelled."""
        found = error(error="ProxyError", status=502)
        assert (found.error_code, found.status, found.message) == ("ProxyError", 502, "")
        with pytest.raises(FakeUsageError, match="did you mean 'TooManyRequestsException'"):
            terms(error="TooManyRequestException")

    def test_an_error_can_be_given_as_such(self) -> None:
        """With further members; then message and status are its own."""
        given = ServiceQuotaExceeded(members={"Resources": ("MEMBER",)})
        assert error(error=given) is given
        with pytest.raises(FakeUsageError, match="has its own message and status"):
            terms(error=given, message="x")
        with pytest.raises(FakeUsageError, match="has its own message and status"):
            terms(error=given, status=500)

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"error": "ConflictException", "status": 200}, "a number from 400 to 599, not 200"),
            ({"error": "ConflictException", "status": "500"}, "a number from 400 to 599, not '500'"),
            ({"status": 418}, r"No error is known by its HTTP status 418; give its code as well"),
            ({"network": "SSLError", "message": "x"}, "message='x' belongs to an error"),
        ],
    )
    def test_what_cannot_be_is_refused(self, options: dict[str, Any], message: str) -> None:
        """With the values."""
        with pytest.raises(FakeUsageError, match=message):
            terms(**options)


class TestOtherArguments:
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"operation": "Creat*s*x"}, "is not a Detective operation, nor a pattern of any"),
            ({"network": "ReadTimeout"}, "network is one of .*; did you mean 'ReadTimeoutError'?"),
            ({"when": "later"}, "when is one of 'before', 'after', not 'later'"),
            ({"times": 0}, "times= is a whole number from 1, or None for every attempt, not 0"),
            ({"times": True}, "times= is a whole number"),
            ({"nth": 0}, "nth= is a whole number from 1, not 0"),
            ({"account_id": "1"}, "twelve digits"),
            ({"region": "us-est-1"}, "us-est-1"),
            ({"latency": 5}, "latency= is a datetime.timedelta of more than zero, not 5"),
            ({"latency": timedelta(0)}, "latency= is a datetime.timedelta of more than zero"),
            ({"callback": 5}, "callback= is a plain function without arguments, not 5"),
            (
                {"unprocessed": {ANA: "x"}},
                "unprocessed= is for BatchGetGraphMemberDatasources, .*; ListMembers takes no",
            ),
            ({"operation": "GetMembers", "unprocessed": {}}, "a mapping of account ids to reasons, not {}"),
            ({"operation": "GetMembers", "unprocessed": [ANA]}, "a mapping of account ids to reasons"),
            ({"operation": "GetMembers", "unprocessed": {ANA: 5}}, f"why {ANA} is not processed is a string, not 5"),
        ],
    )
    def test_what_cannot_be_is_refused(self, options: dict[str, Any], message: str) -> None:
        """With the values, and what would do."""
        with pytest.raises(FakeUsageError, match=message):
            terms(**{"operation": "ListMembers", **options})

    def test_accounts_of_a_batch_have_to_be_some(self) -> None:
        """Twelve digits."""
        with pytest.raises(MalformedAccountId):
            terms("GetMembers", unprocessed={"1": "busy"})

    def test_coroutine_functions_are_no_callbacks(self) -> None:
        """Nobody would wait for them."""

        async def later() -> None: ...

        with pytest.raises(FakeUsageError, match="callback= is a plain function"):
            terms(callback=later)


class TestTogether:
    def test_a_fault_has_one_answer(self) -> None:
        """Not two."""
        with pytest.raises(FakeUsageError, match="A fault has one of error and network; add one fault for each"):
            terms(error="ConflictException", network="SSLError")

    def test_a_fault_does_something(self) -> None:
        """Else it could not be met."""
        with pytest.raises(FakeUsageError, match="A fault does something: give error=, "):
            terms_of(RULES, "ListMembers")

    def test_what_is_not_processed_has_no_after(self) -> None:
        """The answer is the service's own."""
        with pytest.raises(FakeUsageError, match='have no "after"'):
            terms("GetMembers", unprocessed={ANA: "busy"}, when="after")

    @pytest.mark.parametrize(
        ("options", "decides"),
        [
            ({"error": "ConflictException"}, True),
            ({"network": "SSLError"}, True),
            ({"operation": "GetMembers", "unprocessed": {ANA: "busy"}}, True),
            ({"latency": timedelta(1)}, False),
            ({"callback": print}, False),
        ],
    )
    def test_some_change_the_answer(self, options: dict[str, Any], *, decides: bool) -> None:
        """Delays and callbacks do not."""
        assert terms(**options).decides is decides


class TestDifferences:
    @pytest.mark.parametrize(
        "options",
        [
            {},
            {"operation": "List*"},
            {"account_id": ADMINISTRATOR, "region": "us-east-1"},
        ],
    )
    def test_there_are_none_where_it_applies(self, options: dict[str, Any]) -> None:
        """What is not said is no matter."""
        assert list(terms(**options).differences(a_request("ListMembers"))) == []

    @pytest.mark.parametrize(
        ("options", "request_", "differences"),
        [
            ({"operation": "Get*"}, a_request("ListMembers"), ["operation: expected 'Get*', was 'ListMembers'"]),
            ({"account_id": ANA}, a_request("ListMembers"), [f"account_id: expected '{ANA}', was '{ADMINISTRATOR}'"]),
            (
                {"region": "us-east-1"},
                a_request("ListGraphs", region="us-west-2"),
                [
                    "operation: expected 'ListMembers', was 'ListGraphs'",
                    "region: expected 'us-east-1', was 'us-west-2'",
                ],
            ),
            (
                {"operation": "GetMembers", "unprocessed": {ANA: "busy"}},
                a_request("GetMembers", AccountIds=[BEN]),
                [f"accounts: expected ['{ANA}'], was ['{BEN}']"],
            ),
        ],
    )
    def test_each_says_what_is_missing(self, options: dict[str, Any], request_: Any, differences: list[str]) -> None:
        """In words."""
        assert [each.text(frozenset()) for each in terms(**options).differences(request_)] == differences

    def test_one_account_of_a_batch_will_do(self) -> None:
        """The others are processed."""
        found = terms("GetMembers", unprocessed={ANA: "busy", "444444444444": "late"})
        assert list(found.differences(a_request("GetMembers", AccountIds=[BEN, ANA]))) == []

    def test_a_pattern_stands_for_batches_alone(self) -> None:
        """Where accounts are left unprocessed."""
        assert terms("*", unprocessed={ANA: "busy"}).operations == {
            "BatchGetGraphMemberDatasources",
            "CreateMembers",
            "DeleteMembers",
            "GetMembers",
        }


class TestText:
    @pytest.mark.parametrize(
        ("options", "text"),
        [
            ({"error": "ConflictException"}, "error='ConflictException'"),
            ({"status": 503, "times": None, "nth": 2}, "status=503, nth=2, times=None"),
            ({"network": "SSLError", "when": "after", "times": 3}, "network='SSLError', when='after', times=3"),
            ({"error": AccessDenied("no"), "account_id": ANA}, f"error=AccessDenied('no'), account_id='{ANA}'"),
            ({"error": TooManyRequests()}, f"error=TooManyRequests({TooManyRequests.default_message!r})"),
        ],
    )
    def test_is_as_it_was_added(self, options: dict[str, Any], text: str) -> None:
        """Without what goes without saying."""
        assert str(terms(**options)) == f"faults.add('ListMembers', {text})"
