"""Tests of `detective_fake.controls.faults`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from botocore.model import ListShape, StructureShape

from detective_fake.controls import faults as faults_module
from detective_fake.controls.context import FakeContext
from detective_fake.controls.faults import (
    BATCHES,
    COMMON_ERRORS,
    Fault,
    Faults,
    accounts_of,
)
from detective_fake.domain.clock import Clock
from detective_fake.errors import AccessDenied, FakeUsageError, ServiceError, ServiceQuotaExceeded, TooManyRequests
from detective_fake.exchange import write_body
from detective_fake.protocol.model import error_statuses, operations
from tests.builders import ADMINISTRATOR, ANA, BEN, MANAGEMENT, a_world
from tests.journal.journals import a_recorder, a_request

CONFLICT: Any = {"error": "ConflictException"}
CREATE = {"Accounts": [{"AccountId": "1", "EmailAddress": "a"}, {"AccountId": "2", "EmailAddress": "b"}]}
DELETE = {"AccountIds": ["1", "2", "3"]}
ANA_AND_BEN = [{"AccountId": ANA, "EmailAddress": "a"}, {"AccountId": BEN, "EmailAddress": "b"}]


def no_faults() -> Faults:
    return Faults(FakeContext(a_world(), Clock(lambda: 0.0)), a_recorder().journal)


@pytest.fixture
def faults() -> Faults:
    return no_faults()


def used(faults: Faults, operation: str = "ListMembers", *, first: bool = True, **options: Any) -> list[Fault]:
    """Return the faults that an attempt at a call uses."""
    return list(faults.use(a_request(operation, **options), first=first))


def a_fault(operation: str = "ListMembers", **options: Any) -> Fault:
    """Return a fault, by default with an error."""
    effects = {"error", "status", "network", "unprocessed", "latency", "callback"} & options.keys()
    defaults: dict[str, Any] = {} if effects else CONFLICT
    return no_faults().add(operation, **defaults, **options)


def refusal(**options: Any) -> ServiceError:
    found = a_fault(**options).refusal
    assert found is not None
    return found


class TestUse:
    def test_a_fault_is_used_once(self, faults: Faults) -> None:
        """By default. Then it is no longer active."""
        fault = faults.add("ListMembers", **CONFLICT)
        assert used(faults, "ListGraphs") == []
        assert used(faults) == [fault]
        assert used(faults) == []
        assert (fault.used, faults.active) == (1, [])

    @pytest.mark.parametrize(("times", "expected"), [(2, [1, 1, 0]), (None, [1, 1, 1])])
    def test_a_fault_can_be_used_several_times(self, faults: Faults, times: int | None, expected: list[int]) -> None:
        """Or always."""
        faults.add("*", **CONFLICT, times=times)
        assert [len(used(faults)) for _ in range(3)] == expected

    def test_faults_are_used_in_order(self, faults: Faults) -> None:
        """One for each attempt."""
        one, other = faults.add("ListMembers", **CONFLICT), faults.add("ListMembers", network="SSLError")
        assert [used(faults), used(faults), used(faults)] == [[one], [other], []]

    def test_latencies_are_used_with_other_faults(self, faults: Faults) -> None:
        """They do not change the answer."""
        slow = faults.add("*", latency=timedelta(seconds=1), times=None)
        one, _other = faults.add("*", **CONFLICT), faults.add("*", **CONFLICT)
        slower = faults.add("*", latency=timedelta(seconds=1))
        assert used(faults) == [slow, one, slower]

    @pytest.mark.parametrize("options", [{"account_id": ANA}, {"region": "eu-west-1"}])
    def test_only_matching_calls_use_it(self, faults: Faults, options: Any) -> None:
        """By account and by Region."""
        fault = faults.add("*", **CONFLICT, **options)
        assert used(faults) == []
        assert used(faults, **options) == [fault]

    def test_calls_of_its_callback_do_not_use_it(self, faults: Faults) -> None:
        """Otherwise the recursion would not end."""
        fault = faults.add("*", callback=lambda: None, times=None)
        with fault.running():
            assert used(faults) == []
        assert used(faults) == [fault]


class TestNth:
    def test_counts_matching_calls(self, faults: Faults) -> None:
        """From when it was added."""
        fault = faults.add("ListMembers", **CONFLICT, nth=2)
        assert [used(faults), used(faults, "ListGraphs"), used(faults), used(faults)] == [[], [], [fault], []]

    def test_does_not_count_retries(self, faults: Faults) -> None:
        """They belong to the same call. A retry can use the fault."""
        fault = faults.add("ListMembers", **CONFLICT, nth=2, times=2)
        assert used(faults) == []
        assert used(faults, first=False) == []
        assert used(faults) == [fault]
        assert used(faults, first=False) == [fault]

    def test_counts_calls_that_use_another_fault(self, faults: Faults) -> None:
        """Each fault has its own count."""
        faults.add("ListMembers", **CONFLICT)
        third = faults.add("ListMembers", network="SSLError", nth=3)
        assert [len(used(faults)), used(faults), used(faults)] == [1, [], [third]]

    def test_faults_that_do_not_match_do_not_stop_the_search(self, faults: Faults) -> None:
        """Nor do those that wait for a later call, or that are running."""
        faults.add("ListGraphs", **CONFLICT)
        faults.add("ListMembers", **CONFLICT, nth=2)
        fault, last = faults.add("*", callback=print), faults.add("ListMembers", **CONFLICT)
        with fault.running():
            assert used(faults) == [last]

    def test_a_retry_can_use_a_fault_that_was_added_during_the_call(self, faults: Faults) -> None:
        """Without `nth` no call needs to be counted."""
        fault = faults.add("ListMembers", **CONFLICT)
        assert used(faults, first=False) == [fault]


class TestErrors:
    @pytest.mark.parametrize("code", error_statuses())
    def test_detectives_own_codes(self, code: str) -> None:
        """They have a class and a default message."""
        found = refusal(error=code)
        assert (found.error_code, found.status, type(found).code) == (code, None, code)
        assert (found.message, found.members) == (type(found).default_message, {})

    def test_a_code_that_only_a_newer_model_has(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It has no class and no default message."""
        monkeypatch.setattr(faults_module, "error_statuses", lambda: {"NewException": 418})
        found = refusal(error="NewException")
        assert (found.error_code, found.status, found.message) == ("NewException", None, "")

    @pytest.mark.parametrize("code", COMMON_ERRORS)
    def test_codes_of_the_front_end(self, code: str) -> None:
        """They have a status and a message."""
        found = refusal(error=code)
        assert (found.error_code, (found.status, found.message)) == (code, COMMON_ERRORS[code])

    def test_message_and_status_can_be_given(self) -> None:
        """For both kinds of error."""
        found = refusal(error="ThrottlingException", message="Slow", status=503)
        assert (found.message, found.status) == ("Slow", 503)
        found = refusal(error="TooManyRequestsException", message="Slow", status=503)
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
    def test_a_status_selects_an_error(self, status: int, code: str) -> None:
        """Detective's own if there is one."""
        assert refusal(status=status).error_code == code

    def test_any_other_code_needs_a_status(self) -> None:
        """Without one it is probably a typing error."""
        found = refusal(error="ProxyError", status=502)
        assert (found.error_code, found.status, found.message) == ("ProxyError", 502, "")
        with pytest.raises(FakeUsageError, match=r"^Unknown error code 'TooManyRequestException'") as caught:
            a_fault(error="TooManyRequestException")

        assert str(caught.value).endswith(
            "Did you mean 'TooManyRequestsException'? "
            "For a code that neither Detective nor AWS's front end uses, give status= too."
        )

    def test_a_service_error_is_used_as_it_is(self) -> None:
        """It has a message and a status."""
        given = ServiceQuotaExceeded(members={"Resources": ("MEMBER",)})
        assert refusal(error=given) is given
        with pytest.raises(FakeUsageError, match="has a message and a status"):
            a_fault(error=given, message="x")
        with pytest.raises(FakeUsageError, match="has a message and a status"):
            a_fault(error=given, status=500)


class TestArguments:
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (
                {"operation": "Creat*s*x"},
                "'Creat\\*s\\*x' is not a Detective operation and matches none. Did you mean 'CreateMembers'",
            ),
            ({"error": "ConflictException", "status": 200}, "status: expected an HTTP status from 400 to 599, got 200"),
            ({"error": "ConflictException", "status": "500"}, "status: .* got '500'"),
            ({"status": 418}, r"No known error has the HTTP status 418\. Give its code too"),
            ({"network": "SSLError", "message": "x"}, "message='x' needs an error"),
            ({"network": "ReadTimeout"}, "Invalid network 'ReadTimeout'.* Did you mean 'ReadTimeoutError'"),
            ({"when": "later"}, "Invalid when 'later'. Expected one of: before, after"),
            ({"times": 0}, "times: expected a whole number, one or more, or None for every attempt, got 0"),
            ({"times": True}, "times: .* got True"),
            ({"nth": 0}, "nth: expected a whole number, one or more, got 0"),
            ({"account_id": "1"}, "An AWS account ID is a string of twelve digits"),
            ({"region": "us-est-1"}, "There is no Detective in Region 'us-est-1'"),
            (
                {"latency": 5},
                "latency: expected a datetime.timedelta greater than zero and at most 365,000 days, got 5",
            ),
            ({"latency": timedelta(0)}, "latency: expected a datetime.timedelta greater than zero"),
            ({"latency": timedelta.max}, "latency: expected a datetime.timedelta greater than zero"),
            ({"callback": 5}, "callback: expected a function that takes no arguments and is not async, got 5"),
            (
                {"unprocessed": {ANA: "x"}},
                f"unprocessed= needs an operation on a batch, not 'ListMembers'. Use one of: {', '.join(BATCHES)}",
            ),
            (
                {"operation": "GetMembers", "unprocessed": {}},
                "unprocessed: expected a mapping of account IDs to reasons, got {}",
            ),
            ({"operation": "GetMembers", "unprocessed": [ANA]}, "unprocessed: expected a mapping of account IDs"),
            (
                {"operation": "GetMembers", "unprocessed": {ANA: 5}},
                f"unprocessed: expected a mapping of account IDs .*'{ANA}': 5",
            ),
        ],
    )
    def test_invalid_ones_are_rejected(self, options: dict[str, Any], message: str) -> None:
        """The message says what was given and what is expected."""
        with pytest.raises(FakeUsageError, match=f"^{message}"):
            a_fault(**{"operation": "ListMembers", **options})

    def test_unprocessed_needs_account_ids(self) -> None:
        """Twelve digits."""
        with pytest.raises(FakeUsageError, match="a string of twelve digits, not '1'"):
            a_fault("GetMembers", unprocessed={"1": "busy"})

    def test_a_callback_must_not_be_async(self) -> None:
        """Synchronous clients cannot await it."""

        async def later() -> None: ...

        with pytest.raises(FakeUsageError, match="callback: expected a function"):
            a_fault(callback=later)


class TestCombinations:
    def test_two_answers_are_rejected(self) -> None:
        """A fault has one."""
        with pytest.raises(
            FakeUsageError, match=r"^error= and network= cannot be combined\. Add one fault for each\.$"
        ):
            a_fault(error="ConflictException", network="SSLError")
        with pytest.raises(FakeUsageError, match=r"^error= and unprocessed= cannot be combined\."):
            a_fault("GetMembers", error="ConflictException", unprocessed={ANA: "busy"})

    def test_a_fault_without_effect_is_rejected(self, faults: Faults) -> None:
        """The message lists the effects."""
        with pytest.raises(
            FakeUsageError,
            match=r"^A fault needs an effect\. Give error=, status=, network=, unprocessed=, latency= or callback=\.$",
        ):
            faults.add("ListMembers")

    def test_unprocessed_accounts_after_the_operation_are_rejected(self) -> None:
        """The operation has processed them already."""
        with pytest.raises(
            FakeUsageError, match=r'^unprocessed= and when="after" cannot be combined\. Leave when= out\.$'
        ):
            a_fault("GetMembers", unprocessed={ANA: "busy"}, when="after")

    @pytest.mark.parametrize(
        ("options", "changes_answer"),
        [
            ({"error": "ConflictException"}, True),
            ({"network": "SSLError"}, True),
            ({"operation": "GetMembers", "unprocessed": {ANA: "busy"}}, True),
            ({"latency": timedelta(1)}, False),
            ({"callback": print}, False),
        ],
    )
    def test_some_effects_change_the_answer(self, options: dict[str, Any], *, changes_answer: bool) -> None:
        """Latencies and callbacks do not."""
        assert a_fault(**options).changes_answer is changes_answer


class TestDifferences:
    @pytest.mark.parametrize(
        "options",
        [
            {},
            {"operation": "List*"},
            {"account_id": ADMINISTRATOR, "region": "us-east-1"},
        ],
    )
    def test_a_matching_request_has_none(self, options: dict[str, Any]) -> None:
        """Conditions that were not given are not compared."""
        assert list(a_fault(**options).differences(a_request("ListMembers"))) == []

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
    def test_each_condition_that_fails_is_one(
        self, options: dict[str, Any], request_: Any, differences: list[str]
    ) -> None:
        """With the expected and the actual value."""
        assert list(map(str, a_fault(**options).differences(request_))) == differences

    def test_one_account_of_a_batch_is_enough(self) -> None:
        """The others are processed."""
        found = a_fault("GetMembers", unprocessed={ANA: "busy", "444444444444": "late"})
        assert list(found.differences(a_request("GetMembers", AccountIds=[BEN, ANA]))) == []

    def test_with_unprocessed_a_pattern_matches_only_batches(self) -> None:
        """Other operations do not list accounts."""
        assert a_fault("*", unprocessed={ANA: "busy"}).operations == BATCHES.keys()


class TestText:
    @pytest.mark.parametrize(
        ("options", "text"),
        [
            ({"error": "ConflictException"}, "error='ConflictException'"),
            ({"status": 503, "times": None, "nth": 2}, "status=503, times=None, nth=2"),
            ({"network": "SSLError", "when": "after", "times": 3}, "network='SSLError', when='after', times=3"),
            ({"error": AccessDenied("no"), "account_id": ANA}, f"error=AccessDenied('no'), account_id='{ANA}'"),
            ({"error": TooManyRequests()}, f"error=TooManyRequests({TooManyRequests.default_message!r})"),
        ],
    )
    def test_is_the_call_that_added_it(self, options: dict[str, Any], text: str) -> None:
        """Without defaults."""
        assert str(a_fault(**options)) == f"faults.add('ListMembers', {text})"


class TestBatches:
    def test_are_those_of_the_model(self) -> None:
        """Every operation that answers with unprocessed accounts, and the parameter that lists its accounts."""
        found = {}
        for name, operation in operations().items():
            if isinstance(operation.output_shape, StructureShape) and isinstance(
                operation.output_shape.members.get("UnprocessedAccounts"), ListShape
            ):
                assert operation.input_shape is not None
                (found[name],) = operation.input_shape.members.keys() & {"Accounts", "AccountIds"}
        assert found == BATCHES

    @pytest.mark.parametrize(
        ("operation", "parameters", "accounts"),
        [
            ("CreateMembers", CREATE, ["1", "2"]),
            ("DeleteMembers", DELETE, ["1", "2", "3"]),
            ("GetMembers", {}, []),
            ("GetMembers", {"AccountIds": "1"}, []),
            ("GetMembers", {"AccountIds": [1, "2"]}, ["2"]),
            ("CreateMembers", {"Accounts": [{}]}, []),
            ("ListMembers", {"GraphArn": "arn"}, []),
        ],
    )
    def test_accounts_of_a_batch(self, operation: str, parameters: dict[str, Any], accounts: list[str]) -> None:
        """The parameters are not validated yet, so they can be wrong."""
        assert accounts_of(operation, parameters) == accounts

    @pytest.mark.parametrize(
        ("operation", "parameters", "left"),
        [
            ("CreateMembers", {"Accounts": ANA_AND_BEN}, {"Accounts": ANA_AND_BEN[:1]}),
            ("GetMembers", {"AccountIds": [ANA, BEN, ADMINISTRATOR]}, {"AccountIds": [ANA, ADMINISTRATOR]}),
        ],
    )
    def test_a_batch_without_an_account(self, operation: str, parameters: dict[str, Any], left: object) -> None:
        """The parameters themselves do not change."""
        before = str(parameters)
        fault = a_fault(operation, unprocessed={BEN: "busy"})
        assert fault.without_unprocessed(a_request(operation, **parameters)) == left
        assert str(parameters) == before

    def test_unprocessed_accounts_are_in_the_order_of_the_request(self) -> None:
        """Those of the service and of the fault together, each once."""
        own = {"AccountId": ADMINISTRATOR, "Reason": "not a member"}
        request = a_request("DeleteMembers", AccountIds=[BEN, ADMINISTRATOR, ANA, BEN])
        body = {"AccountIds": [], "UnprocessedAccounts": [own]}
        fault = a_fault("DeleteMembers", unprocessed={ANA: "busy", BEN: "late", MANAGEMENT: "no"})
        assert write_body(fault.with_unprocessed(request, body))["UnprocessedAccounts"] == [
            {"AccountId": BEN, "Reason": "late"},
            own,
            {"AccountId": ANA, "Reason": "busy"},
        ]

    def test_each_reader_gets_a_new_list(self) -> None:
        """As of every answer."""
        fault, request = a_fault("GetMembers", unprocessed={ANA: "busy"}), a_request("GetMembers", AccountIds=[ANA])
        body = fault.with_unprocessed(request, {"UnprocessedAccounts": []})
        write_body(body)["UnprocessedAccounts"].clear()
        assert len(write_body(body)["UnprocessedAccounts"]) == 1
