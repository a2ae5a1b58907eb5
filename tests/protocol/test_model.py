"""Detective's operations, error codes, parameter names and Regions, from botocore's data files."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from botocore.loaders import Loader
from hypothesis import given
from hypothesis import strategies as st

from detective_fake.errors import FakeUsageError
from detective_fake.protocol import model
from detective_fake.protocol.model import Regions, check_parameter_names, operations, renamed_on_the_wire

ERROR_STATUSES = {
    "AccessDeniedException": 403,
    "ConflictException": 409,
    "InternalServerException": 500,
    "ResourceNotFoundException": 404,
    "ServiceQuotaExceededException": 402,
    "TooManyRequestsException": 429,
    "ValidationException": 400,
}


class TestLoading:
    @pytest.mark.slow
    def test_nothing_is_loaded_at_import(self) -> None:
        """Importing the module reads no data file."""
        script = "from detective_fake.protocol import model; print(model.loader.cache_info().currsize)"
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        assert done.stdout == "0\n"

    def test_the_model_is_loaded_once(self) -> None:
        """Every caller gets the same model and the same table."""
        assert model.service_model() is model.service_model()
        assert model.operations() is model.operations()

    def test_the_loader_reads_only_botocores_own_files(self) -> None:
        """Neither `~/.aws/models` nor `AWS_DATA_PATH`."""
        assert model.loader().search_paths[0] == Loader.BUILTIN_DATA_PATH
        assert Loader.CUSTOMER_DATA_PATH not in model.loader().search_paths


class TestOperations:
    def test_all_implemented_operations_are_there(self) -> None:
        """A botocore without investigations is too old."""
        assert len(model.operations()) >= 29

    def test_names_and_order_are_the_models(self) -> None:
        """Each operation is listed by its own name."""
        assert list(model.operations()) == list(model.service_model().operation_names)
        assert all(name == operation.name for name, operation in model.operations().items())

    @pytest.mark.parametrize(
        ("name", "method", "uri", "status"),
        [
            ("AcceptInvitation", "PUT", "/invitation", 200),
            ("ListMembers", "POST", "/graph/members/list", 200),
            ("ListOrganizationAdminAccounts", "POST", "/orgs/adminAccountslist", 200),
            ("ListTagsForResource", "GET", "/tags/{ResourceArn}", 200),
            ("TagResource", "POST", "/tags/{ResourceArn}", 204),
            ("UntagResource", "DELETE", "/tags/{ResourceArn}", 204),
        ],
    )
    def test_routes_and_statuses(self, name: str, method: str, uri: str, status: int) -> None:
        """Method, path and status of success come from the model."""
        operation = model.operations()[name]
        assert (operation.method, operation.uri, operation.status) == (method, uri, status)

    def test_members_are_grouped_by_location(self) -> None:
        """`UntagResource` has its ARN in the path and its keys in the query string, under another name."""
        operation = model.operations()["UntagResource"]
        assert dict(operation.uri_members) == {"ResourceArn": "ResourceArn"}
        assert dict(operation.query_members) == {"tagKeys": "TagKeys"}
        assert not operation.body_members

    def test_members_of_a_body_keep_the_models_order(self) -> None:
        """So do those of the output."""
        operation = model.operations()["ListMembers"]
        assert list(operation.body_members) == ["GraphArn", "NextToken", "MaxResults"]
        assert operation.output_members == ("MemberDetails", "NextToken")

    def test_an_operation_may_have_neither_input_nor_output(self) -> None:
        """`DisableOrganizationAdminAccount` has no shapes."""
        operation = model.operations()["DisableOrganizationAdminAccount"]
        assert operation.input_shape is operation.output_shape is None
        assert not operation.body_members
        assert not operation.output_members

    @given(st.dictionaries(st.text(), st.none() | st.integers()))
    def test_an_operation_without_input_ignores_parameters(self, parameters: dict[str, int | None]) -> None:
        """Such an operation rejects no parameter."""
        model.operations()["DisableOrganizationAdminAccount"].validate(parameters)

    def test_error_codes_are_the_models(self) -> None:
        """`CreateMembers` can exceed a quota, and has no conflict."""
        codes = model.operations()["CreateMembers"].error_codes
        assert "ServiceQuotaExceededException" in codes
        assert "ConflictException" not in codes


class TestErrors:
    def test_there_are_no_others(self) -> None:
        """The codes that operations list are those that have a status."""
        assert {code for operation in model.operations().values() for code in operation.error_codes} == set(
            ERROR_STATUSES
        )

    def test_a_code_of_the_front_end_is_unknown(self) -> None:
        """The model has no shape for `ThrottlingException`."""
        assert "ThrottlingException" not in model.error_statuses()
        assert model.error_members("ThrottlingException") == ()

    def test_all_statuses(self) -> None:
        """The table has the status of every error."""
        assert dict(model.error_statuses()) == ERROR_STATUSES

    def test_members_are_in_the_models_order(self) -> None:
        """Parsed errors of botocore have the same order."""
        assert model.error_members("ServiceQuotaExceededException") == ("Message", "Resources")
        assert model.error_members("AccessDeniedException")[:2] == ("Message", "ErrorCode")


class TestRegions:
    @pytest.mark.parametrize(("region", "partition"), [("us-east-1", "aws"), ("us-gov-west-1", "aws-us-gov")])
    def test_each_has_its_partition(self, region: str, partition: str) -> None:
        """The partition comes from botocore's endpoint data."""
        assert model.detective_regions()[region] == partition

    @pytest.mark.parametrize("region", ["us-east-1-fips", "cn-north-1", "mars-north-1"])
    def test_other_regions_are_missing(self, region: str) -> None:
        """Neither old names of FIPS endpoints nor Regions without Detective."""
        assert region not in model.detective_regions()


class TestSensitiveMembers:
    def test_they_are_the_models(self) -> None:
        """E-mail addresses and texts of invitations."""
        assert model.sensitive_members() == {"EmailAddress", "Message"}


class TestRegionsHas:
    @pytest.mark.parametrize("region", ["us-east-1", "eu-west-2", "us-gov-west-1"])
    def test_where_aws_has_detective(self, region: str) -> None:
        """The Regions are those of the partitions `aws` and `aws-us-gov`."""
        regions = Regions()
        assert regions.has(region)

    @pytest.mark.parametrize("variant", [None, "fips"])
    def test_the_first_region(self, variant: str | None) -> None:
        """It is known without reading the list, and is in the list."""
        assert model.FIRST_REGION in model.detective_regions(variant)

    @pytest.mark.parametrize("region", ["cn-north-1", "us-est-1", "us-east-1-fips", "aws-global"])
    def test_not_in_other_regions(self, region: str) -> None:
        """Nor in names that are not Regions."""
        regions = Regions()
        assert not regions.has(region)

    def test_a_fips_host_is_only_in_some(self) -> None:
        """Those of the endpoint data."""
        assert [Regions().has(region, fips=True) for region in ("us-west-2", "eu-west-2")] == [True, False]

    def test_anywhere_if_all_are_allowed(self) -> None:
        """A Region may have any name then."""
        regions = Regions(only_real=False)
        assert regions.has("moon-1")


class TestRegionsCheck:
    def test_accepts_regions_with_detective(self) -> None:
        """The check raises nothing."""
        Regions().check("us-east-1")
        Regions(only_real=False).check("moon-1")

    @pytest.mark.parametrize("region", ["us-est-1", "us_east_1"])
    def test_rejects_others(self, region: str) -> None:
        """The message suggests the most similar Region."""
        with pytest.raises(FakeUsageError, match=f"no Detective in Region '{region}'; did you mean 'us-(ea|we)st-1'"):
            Regions().check(region)

    def test_rejects_other_types(self) -> None:
        """Also if all Regions are allowed. The message says how to allow them."""
        message = r'no Detective in Region None; .* With missing_regions="allow" it is in every Region\.$'
        with pytest.raises(FakeUsageError, match=message):
            Regions(only_real=False).check(None)


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
    def test_accepts_the_parameters_of_the_operation(self, operation: str, parameters: dict[str, Any]) -> None:
        """Values are not checked, and keys of maps are values."""
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
                r"DisableOrganizationAdminAccount has no parameters; got A, B\.",
            ),
        ],
    )
    def test_rejects_other_names(self, operation: str, parameters: dict[str, Any], message: str) -> None:
        """The message lists the valid ones."""
        with pytest.raises(FakeUsageError, match=message):
            check_parameter_names(operation, parameters)


class TestRenamedOnTheWire:
    def test_one_member_of_all_operations(self) -> None:
        """The keys of `UntagResource`."""
        renamed = {name: dict(found) for name in operations() if (found := renamed_on_the_wire(name))}
        assert renamed == {"UntagResource": {"TagKeys": "tagKeys"}}
