"""Constraints of the service model, and the texts for their violations."""

from __future__ import annotations

import functools
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detective_fake.errors import ValidationFailed
from detective_fake.protocol.model import operations
from detective_fake.protocol.validation import malformed, pattern_of, validate
from tests.protocol.shapes import A_TENTH, GRAPH_ARN, NOON, OPERATION_NAMES, shape_from

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ACCOUNT = {"AccountId": "123456789012", "EmailAddress": "a@example.com"}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def refusal(operation: str, **parameters: Any) -> ValidationFailed:
    """Return the error for an operation's parameters; the graph's ARN is added unless it is given."""
    with pytest.raises(ValidationFailed) as caught:
        operations()[operation].validate({"GraphArn": GRAPH_ARN, **parameters})
    return caught.value


def accept(operation: str, **parameters: Any) -> None:
    """Validate an operation's parameters; the graph's ARN is added unless it is given."""
    operations()[operation].validate({"GraphArn": GRAPH_ARN, **parameters})


def validator(**shapes: dict[str, Any]) -> Callable[[Mapping[str, Any]], None]:
    """Return a function that validates parameters against a shape called `Request`."""
    return functools.partial(validate, shape_from("Request", **shapes))


class TestLists:
    def test_too_long(self) -> None:
        """The one text that the service is known to return."""
        error = refusal("CreateMembers", Accounts=[ACCOUNT] * 100)
        assert error.message == "CreateMembersRequest.Accounts must have length less than or equal to 50. Found 100."
        assert not error.members

    def test_too_short(self) -> None:
        """An empty list, where the model requires one item."""
        error = refusal("GetMembers", AccountIds=[])
        assert error.message == "GetMembersRequest.AccountIds must have length greater than or equal to 1. Found 0."

    @pytest.mark.parametrize(("operation", "most"), [("GetMembers", 50), ("BatchGetGraphMemberDatasources", 200)])
    def test_each_shape_has_its_own_limit(self, operation: str, most: int) -> None:
        """Two operations take lists of account IDs, of different lengths."""
        ids = [f"{number:012}" for number in range(most + 1)]
        accept(operation, AccountIds=ids[:most])
        assert f"less than or equal to {most}. Found {most + 1}." in refusal(operation, AccountIds=ids).message

    def test_an_item_is_named_by_its_index(self) -> None:
        """The first invalid one is reported."""
        error = refusal("GetMembers", AccountIds=["123456789012", "12345678901x", "y"])
        assert error.message == "GetMembersRequest.AccountIds[1] must match the regular expression ^[0-9]+$."


class TestNestedStructures:
    def test_a_member_is_named_by_its_path(self) -> None:
        """The path has list, index and member."""
        accounts = [ACCOUNT] * 3 + [{**ACCOUNT, "EmailAddress": "secret.example.com"}]
        message = refusal("CreateMembers", Accounts=accounts).message
        assert message.startswith("CreateMembersRequest.Accounts[3].EmailAddress must match the regular expression ^.")

    def test_no_value_is_in_the_message(self) -> None:
        """E-mail addresses are sensitive."""
        error = refusal("CreateMembers", Accounts=[{**ACCOUNT, "EmailAddress": "secret.example.com"}])
        assert "secret" not in str(error)

    def test_a_required_member_is_missing(self) -> None:
        """An account without an ID is not a valid body. Whether the address is needed depends on the state."""
        assert refusal("CreateMembers", Accounts=[{"EmailAddress": "a@example.com"}]).message == "Invalid request body"
        accept("CreateMembers", Accounts=[{"AccountId": "123456789012"}])

    def test_a_path_may_go_through_several(self) -> None:
        """Filters of investigations are two structures deep."""
        error = refusal("ListInvestigations", FilterCriteria={"Status": {"Value": ""}})
        assert error.message.startswith("ListInvestigationsRequest.FilterCriteria.Status.Value must have length ")


class TestMaps:
    @pytest.mark.parametrize(("tags", "length"), [({}, "greater than or equal to 1. Found 0."), (51, "50. Found 51.")])
    def test_size(self, tags: Any, length: str) -> None:
        """One to fifty tags; botocore accepts an empty map."""
        tags = {f"k{number}": "" for number in range(tags)} if tags else tags
        error = refusal("CreateGraph", Tags=tags)
        assert error.message.startswith("CreateGraphRequest.Tags must have length ")
        assert error.message.endswith(length)

    def test_an_entry_is_named_by_its_position(self) -> None:
        """Not by its key, which may be long."""
        error = refusal("CreateGraph", Tags={"a": "", "b c": ""})
        assert (
            error.message == "CreateGraphRequest.Tags[1].key must match the regular expression "
            "^(?!aws:)[a-zA-Z+-=._:/]+$."
        )

    def test_a_value_too_long(self) -> None:
        """256 characters at most."""
        message = refusal("CreateGraph", Tags={"a": "x" * 257}).message
        assert message == "CreateGraphRequest.Tags[0].value must have length less than or equal to 256. Found 257."

    @pytest.mark.parametrize("key", ["aws:cloudformation", "a b", "a@b", "ä", "a\n"])
    def test_keys_refused(self, key: str) -> None:
        """The reserved prefix, space, at sign, other letters, and a final newline."""
        assert "Tags[0].key must match" in refusal("CreateGraph", Tags={key: "v"}).message

    @pytest.mark.parametrize("key", ["a", "AWS:x", "0123", "_+,-./:;<=", "alchemy::id", "k" * 128])
    def test_keys_accepted(self, key: str) -> None:
        """The pattern has a range from `+` to `=`, which includes digits and `, ; <`."""
        accept("CreateGraph", Tags={key: ""})


class TestNumbers:
    @pytest.mark.parametrize(("operation", "most"), [("ListMembers", 200), ("ListIndicators", 100)])
    def test_too_large(self, operation: str, most: int) -> None:
        """Above the maximum page size."""
        error = refusal(operation, InvestigationId="1" * 21, MaxResults=most + 1)
        assert error.message == (
            f"{operation}Request.MaxResults must be less than or equal to {most}. Found {most + 1}."
        )

    def test_too_small(self) -> None:
        """A page has at least one row."""
        error = refusal("ListMembers", MaxResults=0)
        assert error.message == "ListMembersRequest.MaxResults must be greater than or equal to 1. Found 0."

    @pytest.mark.parametrize("number", [1, 200])
    def test_limits_are_inclusive(self, number: int) -> None:
        """The smallest and the largest page."""
        accept("ListMembers", MaxResults=number)

    @pytest.mark.parametrize("number", [1.0, True, "1", 2**31, -(2**31) - 1])
    def test_other_values_are_not_integers(self, number: object) -> None:
        """A float, a bool, a text, and what does not fit into 32 bits."""
        assert refusal("ListMembers", MaxResults=number).message == "Invalid request body"

    def test_integers_without_limits(self) -> None:
        """Their type has limits: 64 bits for a long."""
        check = validator(
            Request={"type": "structure", "members": {"Bytes": {"shape": "Bytes"}}}, Bytes={"type": "long"}
        )
        check({"Bytes": -(2**63)})
        with pytest.raises(ValidationFailed, match="Invalid request body"):
            check({"Bytes": 2**63})

    @pytest.mark.parametrize("kind", ["float", "double"])
    def test_other_numbers(self, kind: str) -> None:
        """JSON may write whole floats without a fraction."""
        check = validator(Request={"type": "structure", "members": {"Part": {"shape": "Part"}}}, Part={"type": kind})
        check({"Part": 1})
        check({"Part": 1.5})
        with pytest.raises(ValidationFailed, match="Invalid request body"):
            check({"Part": True})


class TestTexts:
    def test_length_comes_before_pattern(self) -> None:
        """Thirteen letters are too many before they are not digits."""
        error = refusal("StartMonitoringMember", AccountId="x" * 13)
        assert error.message.endswith("AccountId must have length less than or equal to 12. Found 13.")

    def test_length_counts_characters(self) -> None:
        """It does not count bytes."""
        accept("CreateMembers", Message="ä" * 1000, Accounts=[ACCOUNT])

    @pytest.mark.parametrize("digits", ["٣" * 12, "1" * 11 + "\n"])
    def test_patterns_are_ascii_and_match_the_whole_text(self, digits: str) -> None:
        """Neither Arabic digits nor a final newline match `^[0-9]+$`."""
        assert "must match" in refusal("StartMonitoringMember", AccountId=digits).message

    def test_enum(self) -> None:
        """The message lists the allowed values."""
        error = refusal("UpdateInvestigationState", InvestigationId="1" * 21, State="GONE")
        assert error.message == "UpdateInvestigationStateRequest.State must be one of ACTIVE, ARCHIVED."
        assert not error.members

    def test_a_pattern_in_another_syntax_is_ignored(self) -> None:
        r"""Python cannot compile `\p{L}`."""
        shape = shape_from("Name", Name={"type": "string", "pattern": r"\p{L}+"})
        assert pattern_of(shape) is None

    def test_a_long_address_is_rejected_by_its_length(self) -> None:
        """No pattern has to read it."""
        address = "a@" + "a." * 500_000
        error = refusal("CreateMembers", Accounts=[{**ACCOUNT, "EmailAddress": address}])
        assert error.message.endswith("EmailAddress must have length less than or equal to 64. Found 1000002.")

    @pytest.mark.parametrize("address", ["a@example.com", "@@x.co", "ä b@a-b.example"])
    def test_addresses_accepted(self, address: str) -> None:
        """The pattern restricts only the domain."""
        accept("CreateMembers", Accounts=[{**ACCOUNT, "EmailAddress": address}])


class TestGraphArn:
    @pytest.mark.parametrize(
        "arn",
        [
            "",
            "arn",
            GRAPH_ARN.upper(),
            GRAPH_ARN + "\n",
            GRAPH_ARN[:-1],
            GRAPH_ARN + "0",
            "arn:aws:detective:us-east-1:123456789012:graph:123412341234",
            GRAPH_ARN.replace("123456789012", "٣" * 12),
        ],
    )
    def test_malformed(self, arn: str) -> None:
        """Every operation on a graph returns an error code of its own."""
        error = refusal("ListMembers", GraphArn=arn)
        assert error.members == {"ErrorCode": "INVALID_GRAPH_ARN"}
        assert error.message.startswith("ListMembersRequest.GraphArn must match the regular expression ^arn:aws")

    @pytest.mark.parametrize("partition", ["aws", "aws-us-gov", "aws-cn", "aws-iso-b"])
    def test_partitions(self, partition: str) -> None:
        """Any that begins with `aws`."""
        accept("ListMembers", GraphArn=GRAPH_ARN.replace(":aws:", f":{partition}:"))

    def test_by_another_name(self) -> None:
        """`ResourceArn` has the same shape."""
        assert refusal("ListTagsForResource", ResourceArn="x").members == {"ErrorCode": "INVALID_GRAPH_ARN"}

    def test_in_a_list(self) -> None:
        """So do the items of `GraphArns`."""
        error = refusal("BatchGetMembershipDatasources", GraphArns=[GRAPH_ARN, "x"])
        assert error.message.startswith("BatchGetMembershipDatasourcesRequest.GraphArns[1] must match")
        assert error.members == {"ErrorCode": "INVALID_GRAPH_ARN"}

    def test_another_pattern_has_no_error_code(self) -> None:
        """Only that of graph ARNs has one."""
        assert not refusal("EnableOrganizationAdminAccount", AccountId="x" * 12).members


class TestBody:
    @pytest.mark.parametrize(
        ("operation", "parameters"),
        [
            ("ListMembers", {"GraphArn": None}),
            ("ListMembers", {"GraphArn": 1}),
            ("ListMembers", {"GraphArn": [GRAPH_ARN]}),
            ("GetMembers", {}),
            ("GetMembers", {"AccountIds": "123456789012"}),
            ("GetMembers", {"AccountIds": [None]}),
            ("CreateMembers", {"Accounts": ["123456789012"]}),
            ("CreateMembers", {"Accounts": [{**ACCOUNT, "AccountId": None}]}),
            ("CreateMembers", {"Accounts": [ACCOUNT], "DisableEmailNotification": "true"}),
            ("CreateGraph", {"Tags": [{"Key": "a", "Value": "b"}]}),
            ("CreateGraph", {"Tags": {"a": None}}),
            ("StartInvestigation", {"EntityArn": "arn:x", "ScopeStartTime": "noon", "ScopeEndTime": NOON}),
        ],
    )
    def test_wrong_types_and_missing_members(self, operation: str, parameters: dict[str, Any]) -> None:
        """All return the same error."""
        error = refusal(operation, **parameters)
        assert error.message == "Invalid request body"
        assert error.members == {"ErrorCode": "INVALID_REQUEST_BODY"}

    def test_malformed_is_the_same_error(self) -> None:
        """For bodies that cannot be decoded."""
        assert str(malformed()) == "ValidationException: Invalid request body"

    def test_unknown_members_are_ignored(self) -> None:
        """Other services of this protocol ignore them, too."""
        accept("ListMembers", Colour="blue", MaxResults=None)

    def test_the_first_in_the_models_order_is_reported(self) -> None:
        """The order of the request does not matter."""
        assert "GraphArn" in refusal("ListMembers", MaxResults=0, NextToken="", GraphArn="x").message
        assert "NextToken" in refusal("ListMembers", MaxResults=0, NextToken="").message

    def test_times_are_datetimes(self) -> None:
        """Decoding has converted them."""
        accept("StartInvestigation", EntityArn="arn:x", ScopeStartTime=NOON, ScopeEndTime=NOON)

    def test_an_unknown_type_is_accepted(self) -> None:
        """A later model may have one."""
        check = validator(Request={"type": "structure", "members": {"Data": {"shape": "Data"}}}, Data={"type": "blob"})
        check({"Data": b""})

    @pytest.mark.parametrize("operation", OPERATION_NAMES)
    @A_TENTH
    @given(data=st.data())
    def test_nothing_else_is_ever_raised(self, operation: str, data: st.DataObject) -> None:
        """Any JSON value is accepted or rejected."""
        shape = operations()[operation].input_shape
        names = [] if shape is None else list(shape.members)
        parameters = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(names, JSON)))
        try:
            operations()[operation].validate(parameters)
        except ValidationFailed as error:
            assert error.message  # noqa: PT017 - either outcome will do


class TestBounds:
    @pytest.mark.parametrize("bounds", [{}, {"min": 2, "max": 3}])
    @pytest.mark.parametrize("kind", ["list", "map"])
    @pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 100])
    def test_sizes(self, kind: str, bounds: dict[str, int], size: int) -> None:
        """Both limits are inclusive; a shape without limits accepts any size."""
        inside = {"member": {"shape": "Text"}, "key": {"shape": "Text"}, "value": {"shape": "Text"}}
        check = validator(
            Request={"type": "structure", "members": {"Values": {"shape": "Values"}}},
            Values={"type": kind, **inside, **bounds},
            Text={"type": "string"},
        )
        names = [str(number) for number in range(size)]
        with nullcontext() if not bounds or size in {2, 3} else pytest.raises(ValidationFailed, match=f"Found {size}"):
            check({"Values": names if kind == "list" else dict.fromkeys(names, "")})

    @pytest.mark.parametrize("number", [0, 201])
    def test_numbers_out_of_range_have_no_error_code(self, number: int) -> None:
        """The error has only a message."""
        assert not refusal("ListMembers", MaxResults=number).members
