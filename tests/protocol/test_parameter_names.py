"""Tests of `detective_fake.protocol.parameter_names`."""

from __future__ import annotations

from typing import Any

import pytest

from detective_fake.errors import FakeUsageError
from detective_fake.protocol.model import operations
from detective_fake.protocol.parameter_names import check_parameter_names, renamed_on_the_wire


class TestCheckParameterNames:
    @pytest.mark.parametrize(
        ("operation", "parameters"),
        [
            ("CreateMembers", {"Accounts": [{"AccountId": 5}, object()], "Message": None}),
            ("CreateMembers", {"Accounts": ({"EmailAddress": "x"},)}),
            ("CreateMembers", {"Accounts": object()}),
            ("CreateGraph", {"Tags": {"any": "key"}}),
            ("DisableOrganizationAdminAccount", {}),
        ],
    )
    def test_passes_what_the_operation_has(self, operation: str, parameters: dict[str, Any]) -> None:
        """Values are no matter; keys of maps are values."""
        check_parameter_names(operation, parameters)

    @pytest.mark.parametrize(
        ("operation", "parameters", "message"),
        [
            ("CreateGraph", {"GraphArn": 1}, "CreateGraph has no parameter 'GraphArn'; it has Tags."),
            (
                "CreateMembers",
                {"Accounts": [{}, {"Id": 1}]},
                "CreateMembers.Accounts has no parameter 'Id'; it has AccountId,",
            ),
            (
                "DisableOrganizationAdminAccount",
                {"A": 1, "B": 2},
                r"DisableOrganizationAdminAccount has no parameters, and so no A, B\.",
            ),
        ],
    )
    def test_refuses_what_it_has_not(self, operation: str, parameters: dict[str, Any], message: str) -> None:
        """With what it has."""
        with pytest.raises(FakeUsageError, match=message):
            check_parameter_names(operation, parameters)


class TestRenamedOnTheWire:
    def test_one_member_is(self) -> None:
        """Of all operations."""
        renamed = {name: dict(found) for name in operations() if (found := renamed_on_the_wire(name))}
        assert renamed == {"UntagResource": {"TagKeys": "tagKeys"}}
