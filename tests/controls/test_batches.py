"""Tests of `detective_fake.controls.batches`."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.model import ListShape, StructureShape

from detective_fake.controls.batches import BATCHES, accounts_of, with_unprocessed, without
from detective_fake.exchange import write_body
from detective_fake.protocol.model import operations

CREATE = {"Accounts": [{"AccountId": "1", "EmailAddress": "a"}, {"AccountId": "2", "EmailAddress": "b"}]}
DELETE = {"AccountIds": ["1", "2", "3"]}


class TestBatches:
    def test_are_those_of_the_model(self) -> None:
        """Every operation that answers with unprocessed accounts, with the member that names accounts."""
        found = {}
        for name, operation in operations().items():
            if isinstance(operation.output_shape, StructureShape) and isinstance(
                operation.output_shape.members.get("UnprocessedAccounts"), ListShape
            ):
                assert operation.input_shape is not None
                (found[name],) = operation.input_shape.members.keys() & {"Accounts", "AccountIds"}
        assert found == BATCHES


class TestAccountsOf:
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
    def test_are_those_named_properly(self, operation: str, parameters: dict[str, Any], accounts: list[str]) -> None:
        """Parameters are not valid yet when this is asked."""
        assert accounts_of(operation, parameters) == accounts


class TestWithout:
    @pytest.mark.parametrize(
        ("operation", "parameters", "left"),
        [
            ("CreateMembers", CREATE, {"Accounts": CREATE["Accounts"][:1]}),
            ("GetMembers", DELETE, {"AccountIds": ["1", "3"]}),
        ],
    )
    def test_leaves_accounts_out(self, operation: str, parameters: dict[str, Any], left: object) -> None:
        """Of a copy."""
        before = str(parameters)
        assert without(operation, parameters, {"2": "busy"}) == left
        assert str(parameters) == before


class TestWithUnprocessed:
    def test_lists_them_among_the_others_in_the_order_asked(self) -> None:
        """Those that the service refused itself, and each once."""
        own = {"AccountId": "3", "Reason": "not a member"}
        parameters = {"AccountIds": ["2", "3", "1", "2"]}
        body = {"AccountIds": [], "UnprocessedAccounts": [own]}
        answer = write_body(with_unprocessed("DeleteMembers", parameters, body, {"1": "busy", "2": "late", "7": "no"}))
        assert answer["UnprocessedAccounts"] == [
            {"AccountId": "2", "Reason": "late"},
            own,
            {"AccountId": "1", "Reason": "busy"},
        ]

    def test_gives_each_reader_a_list_of_its_own(self) -> None:
        """As every answer does."""
        body = with_unprocessed("GetMembers", DELETE, {"UnprocessedAccounts": []}, {"1": "busy"})
        write_body(body)["UnprocessedAccounts"].clear()
        assert len(write_body(body)["UnprocessedAccounts"]) == 1
