"""Check that the fidelity file is complete, and that the rules shared by many operations hold for each of them."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import given, settings
from hypothesis import strategies as st

from detective_fake import DetectiveFake
from detective_fake.operations.registry import HANDLERS
from detective_fake.protocol.model import error_statuses, operations
from docs._ext.fidelity import BASES, Fidelity, Own, has_test, load, markdown, problems, with_links
from tests.random_calls import ACCOUNTS, NOON, Attempt, Driver, attempts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FIDELITY = load()
ADMINISTRATOR, MEMBER, STRANGER = "111111111111", "222222222222", "333333333333"
UNKNOWN_ARN = f"arn:aws:detective:us-east-1:{ADMINISTRATOR}:graph:{'0' * 32}"
UNKNOWN_INVESTIGATION = "1" * 21

ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    "BatchGetGraphMemberDatasources": {"AccountIds": [MEMBER]},
    "BatchGetMembershipDatasources": {},
    "CreateMembers": {"Accounts": [{"AccountId": STRANGER, "EmailAddress": "lab@example.com"}]},
    "DeleteMembers": {"AccountIds": [MEMBER]},
    "EnableOrganizationAdminAccount": {"AccountId": ADMINISTRATOR},
    "GetInvestigation": {"InvestigationId": UNKNOWN_INVESTIGATION},
    "GetMembers": {"AccountIds": [MEMBER]},
    "ListIndicators": {"InvestigationId": UNKNOWN_INVESTIGATION},
    "StartInvestigation": {
        "EntityArn": f"arn:aws:iam::{MEMBER}:role/deploy",
        "ScopeStartTime": datetime(2026, 3, 1, tzinfo=timezone.utc),
        "ScopeEndTime": datetime(2026, 3, 2, tzinfo=timezone.utc),
    },
    "StartMonitoringMember": {"AccountId": MEMBER},
    "TagResource": {"Tags": {"team": "blue"}},
    "UntagResource": {"TagKeys": ["team"]},
    "UpdateDatasourcePackages": {"DatasourcePackages": ["DETECTIVE_CORE"]},
    "UpdateInvestigationState": {"InvestigationId": UNKNOWN_INVESTIGATION, "State": "ARCHIVED"},
}
"""Arguments that operations need in addition to a graph ARN."""

TOO_MUCH: Mapping[str, Mapping[str, Any]] = {
    "MaxResults": {"MaxResults": 201},
    "AccountId": {"AccountId": "1" * 13},
    "GraphArn": {"GraphArn": f"{UNKNOWN_ARN}0"},
    "ResourceArn": {"ResourceArn": f"{UNKNOWN_ARN}0"},
    "GraphArns": {"GraphArns": [UNKNOWN_ARN] * 51},
}
"""For each parameter, a value that the service model does not allow."""


def operations_under(name: str) -> tuple[str, ...]:
    """Return the operations that share the rules with this heading."""
    (shared,) = (each for each in FIDELITY.shared if each.name == name)
    return shared.operations


def by_fault() -> list[tuple[str, str]]:
    """Return each operation and error that occur together only if a test adds a fault."""
    return [(name, each.error) for each in FIDELITY.faults for name in each.operations]


def arguments(operation: str, arn: str) -> dict[str, Any]:
    """Return the arguments of a valid call about a graph."""
    members = operations()[operation].input_shape
    names = {} if members is None else members.members
    about = {"GraphArn": arn, "ResourceArn": arn, "GraphArns": [arn]}
    return {**{name: value for name, value in about.items() if name in names}, **ARGUMENTS.get(operation, {})}


def refusal(fake: DetectiveFake, operation: str, account_id: str, **parameters: Any) -> tuple[str, int, Any]:
    """Make a call that fails and changes nothing. Return its error code, HTTP status and `ErrorCode`."""
    before = fake.snapshot()
    with pytest.raises(ClientError) as caught:
        getattr(fake.client(account_id), xform_name(operation))(**parameters)
    assert fake.snapshot() == before
    response: Mapping[str, Any] = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"], response.get("ErrorCode")


@pytest.fixture
def fake() -> Any:
    """Return a fake with one organization that contains all accounts of these tests."""
    with DetectiveFake() as started:
        started.clock.freeze(NOON)
        started.seed.organization(ADMINISTRATOR, [MEMBER, STRANGER])
        yield started


@pytest.fixture
def arn(fake: DetectiveFake) -> str:
    """Return the ARN of the administrator's graph. It has one member."""
    return fake.seed.graph(ADMINISTRATOR, members=[MEMBER])


class TestTheFile:
    def test_nothing_is_missing_or_wrong(self) -> None:
        """The file covers every operation and error, and every status and test in it exists."""
        assert problems(FIDELITY, operations(), error_statuses(), has_test) == []

    def test_it_lists_the_supported_operations(self) -> None:
        """The file lists the operations that have a handler, in the same order."""
        assert list(FIDELITY.operations) == list(HANDLERS)

    def test_unknown_keys_are_rejected(self, tmp_path: Path) -> None:
        """A misspelled key raises an error instead of dropping the rule."""
        path = tmp_path / "fidelity.toml"
        path.write_text('shared = []\nfaults = []\n[operations.A]\nsummary = "A."\nrules = []\nrule = 1\n')
        with pytest.raises(TypeError, match="unknown keys: rule"):
            load(path)


class TestProblems:
    """Problems that are reported when the file, the service model or the tests change."""

    @staticmethod
    def found(fidelity: Fidelity, *, without_test: str = "") -> list[str]:
        return problems(fidelity, operations(), error_statuses(), lambda name: name != without_test and has_test(name))

    @pytest.mark.parametrize("test", sorted({rule.test for _, rule in FIDELITY.all_rules()}))
    def test_a_missing_test_is_reported(self, test: str) -> None:
        """Removing any test that a rule names is reported."""
        assert any(line.endswith(f"there is no test {test}") for line in self.found(FIDELITY, without_test=test))

    @pytest.mark.parametrize("name", HANDLERS)
    def test_a_missing_operation_is_reported(self, name: str) -> None:
        """An operation of the service model that the file does not list is reported."""
        others = {each: own for each, own in FIDELITY.operations.items() if each != name}
        assert self.found(FIDELITY._replace(operations=others)) == [f"{name} is missing"]

    @pytest.mark.parametrize("name", HANDLERS)
    def test_errors_without_a_rule_are_reported(self, name: str) -> None:
        """Every error that the service model lists for an operation needs a rule or a fault."""
        silent = FIDELITY._replace(operations={name: Own("", ())}, shared=(), faults=())
        missing = [line for line in self.found(silent) if line.startswith(f"{name}: nothing is said of ")]
        assert [line.split()[-1] for line in missing] == sorted(operations()[name].error_codes)

    def test_an_unknown_operation_is_reported(self) -> None:
        """The report says where the file names the unknown operation."""
        (first, *rest) = FIDELITY.shared
        odd = FIDELITY._replace(
            operations={**FIDELITY.operations, "ZipGraph": Own("", ())},
            shared=(first._replace(operations=(*first.operations, "ZipGraph")), *rest),
        )
        assert self.found(odd) == ["ZipGraph is no operation", f"{first.name}: ZipGraph is no operation"]

    def test_operations_out_of_order_are_reported(self) -> None:
        """Operations must be unique and in alphabetical order."""
        turned = dict(reversed(list(FIDELITY.operations.items())))
        (first, *rest) = FIDELITY.faults
        twice = (first._replace(operations=(*first.operations, first.operations[0])), *rest)
        assert self.found(FIDELITY._replace(operations=turned, faults=twice)) == [
            f"faults {first.error}: the operations are not unique and in alphabetical order",
            "the operations are not in alphabetical order",
        ]

    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"basis": "guessed"}, "'guessed' is none of documented, observed, inferred"),
            ({"source": ""}, "text or source is empty"),
            ({"source": "Service model; a/b-c: d/e.py."}, "a/b-c: d/e.py has no commit"),
            ({"status": 400}, "the status of ConflictException is not 400"),
            ({"error": "ServiceQuotaExceededException"}, "the status of ServiceQuotaExceededException is not 409"),
            ({"error": None}, "the status of None is not 409"),
            ({"beyond_model": True}, "AcceptInvitation: ConflictException is not beyond the model"),
        ],
    )
    def test_an_invalid_rule_is_reported(self, changes: dict[str, Any], told: str) -> None:
        """The report says what is wrong with the rule."""
        own = FIDELITY.operations["AcceptInvitation"]
        changed = own._replace(rules=(*own.rules[:-1], own.rules[-1]._replace(**changes)))
        found = self.found(FIDELITY._replace(operations={**FIDELITY.operations, "AcceptInvitation": changed}))
        assert any(line.endswith(told) for line in found)

    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"status": 500}, "faults ConflictException: its status is not 500"),
            ({"test": "tests/none.py::test"}, "faults ConflictException: there is no test tests/none.py::test"),
            ({"operations": ("ListGraphs",)}, "ListGraphs: the model has no ConflictException"),
            (
                {"operations": ("AcceptInvitation",)},
                "AcceptInvitation: ConflictException has a rule, and is said to need a fault",
            ),
        ],
    )
    def test_an_invalid_fault_entry_is_reported(self, changes: dict[str, Any], told: str) -> None:
        """A fault entry must have the right status, an existing test, and no rule for the same error."""
        changed = [each._replace(**changes) if each.error == "ConflictException" else each for each in FIDELITY.faults]
        assert told in self.found(FIDELITY._replace(faults=tuple(changed)))


class TestHasTest:
    def test_methods_and_functions_are_found(self, tmp_path: Path) -> None:
        """A test is found by its pytest node ID. Helpers, classes and missing files are not tests."""
        path = tmp_path / "test_a.py"
        path.write_text("class TestB:\n    async def test_c(self): ...\ndef test_d(): ...\ndef helper(): ...\n")
        assert [has_test(f"test_a.py::{name}", tmp_path) for name in ("TestB::test_c", "test_d")] == [True, True]
        assert [has_test(f"test_a.py::{name}", tmp_path) for name in ("test_c", "helper", "TestB")] == [False] * 3
        assert not has_test("test_b.py::test_d", tmp_path)

    def test_a_changed_file_is_read_again(self, tmp_path: Path) -> None:
        """A test that was deleted from its file is no longer found."""
        path = tmp_path / "test_a.py"
        path.write_text("def test_a(): ...\n")
        assert has_test("test_a.py::test_a", tmp_path)
        path.write_text("def test_other(): ...\n")
        assert not has_test("test_a.py::test_a", tmp_path)


def fips_client(fake: DetectiveFake, region: str) -> Any:
    """Return a client of the administrator that asks for a FIPS endpoint."""
    return fake.client(ADMINISTRATOR, region, config=Config(use_fips_endpoint=True))


class TestPage:
    def test_every_operation_and_rule_is_on_it(self) -> None:
        """The page shows each rule with its heading, text, basis, source and test."""
        page = markdown(FIDELITY, operations())
        for heading, rule in FIDELITY.all_rules():
            assert f"\n### {heading}\n" in page
            assert f"\n- {rule.text}" in page
            source = with_links(rule.source)
            assert f"  <br>**{rule.basis}**: {source}\n  <br>test: `{rule.test.removeprefix('tests/')}`" in page

    def test_sources_link_to_files_at_their_commit_and_to_issues(self) -> None:
        """A later change of the repository does not break the link."""
        assert with_links("Seen in a/b-c@0123abcd: d/@e/f.ts, as a/b-c, issue 6, says.") == (
            "Seen in [a/b-c: d/@e/f.ts](https://github.com/a/b-c/blob/0123abcd/d/@e/f.ts), "
            "as [a/b-c, issue 6](https://github.com/a/b-c/issues/6), says."
        )

    def test_every_basis_is_explained(self) -> None:
        """A table on the page gives the meaning of each basis."""
        page = markdown(FIDELITY, operations())
        assert all(f"| {basis} | {meaning} | " in page for basis, meaning in BASES.items())


class TestEveryCall:
    @pytest.mark.parametrize("operation", operations_under("Every call"))
    def test_in_a_region_without_detective_the_connection_fails(
        self, fake: DetectiveFake, arn: str, operation: str
    ) -> None:
        """The call raises EndpointConnectionError and changes nothing."""
        before = fake.snapshot()
        client = fake.client(ADMINISTRATOR, "eu-isoe-west-1")
        with pytest.raises(EndpointConnectionError):
            getattr(client, xform_name(operation))(**arguments(operation, arn))
        assert fake.snapshot() == before

    @pytest.mark.parametrize("operation", operations_under("Every call"))
    def test_in_a_region_without_a_fips_host_the_connection_fails(
        self, fake: DetectiveFake, arn: str, operation: str
    ) -> None:
        """The call of a FIPS client raises EndpointConnectionError and changes nothing."""
        before = fake.snapshot()
        with pytest.raises(EndpointConnectionError, match=r"detective-fips\.eu-west-1"):
            getattr(fips_client(fake, "eu-west-1"), xform_name(operation))(**arguments(operation, arn))
        assert fake.snapshot() == before

    def test_in_a_region_with_a_fips_host_it_is_answered(self, fake: DetectiveFake, arn: str) -> None:
        """With `missing_regions="allow"`, every Region answers."""
        assert fips_client(fake, "us-east-1").list_members(GraphArn=arn)
        with DetectiveFake(missing_regions="allow") as anywhere:
            assert fips_client(anywhere, "eu-west-1").list_graphs()["GraphList"] == []


class TestEveryRequest:
    @pytest.mark.parametrize("operation", operations_under("What every request has to be"))
    def test_a_parameter_that_breaks_a_constraint_is_rejected(
        self, fake: DetectiveFake, arn: str, operation: str
    ) -> None:
        """A parameter that the service model does not allow is a ValidationException."""
        members = operations()[operation].input_shape
        assert members is not None
        name = next(name for name in TOO_MUCH if name in members.members)
        parameters = {**arguments(operation, arn), **TOO_MUCH[name]}
        assert refusal(fake, operation, ADMINISTRATOR, **parameters)[:2] == ("ValidationException", 400)


class TestGraphsByArn:
    @pytest.mark.parametrize("operation", operations_under("Operations on a behavior graph that name it by its ARN"))
    def test_a_malformed_arn_is_rejected(self, fake: DetectiveFake, operation: str) -> None:
        """A malformed graph ARN is a ValidationException with its own `ErrorCode`."""
        malformed = "arn:aws:detective:us-east-1:111111111111:graph/1"
        expected = ("ValidationException", 400, "INVALID_GRAPH_ARN")
        assert refusal(fake, operation, ADMINISTRATOR, **arguments(operation, malformed)) == expected


class TestAdministratorsOperations:
    OPERATIONS = operations_under("Operations of a graph's administrator")

    @pytest.mark.parametrize("operation", OPERATIONS)
    def test_an_unknown_graph_is_not_found(self, fake: DetectiveFake, arn: str, operation: str) -> None:
        """A graph that was deleted or never existed is a ResourceNotFoundException."""
        fake.client(ADMINISTRATOR).delete_graph(GraphArn=arn)
        for gone in (arn, UNKNOWN_ARN):
            expected = ("ResourceNotFoundException", 404, None)
            assert refusal(fake, operation, ADMINISTRATOR, **arguments(operation, gone)) == expected

    @pytest.mark.parametrize("operation", OPERATIONS)
    @pytest.mark.parametrize("account_id", [MEMBER, STRANGER])
    def test_other_accounts_are_denied(self, fake: DetectiveFake, arn: str, operation: str, account_id: str) -> None:
        """Members and other accounts of the organization get an AccessDeniedException."""
        expected = ("AccessDeniedException", 403, None)
        assert refusal(fake, operation, account_id, **arguments(operation, arn)) == expected


class TestPages:
    @pytest.mark.parametrize("operation", operations_under("Lists in pages"))
    def test_an_unknown_token_is_rejected(self, fake: DetectiveFake, arn: str, operation: str) -> None:
        """A token that the fake did not return is a ValidationException, for every list operation."""
        parameters = {**arguments(operation, arn), "NextToken": "made-up"}
        if operation == "ListIndicators":
            started = fake.client(ADMINISTRATOR).start_investigation(**arguments("StartInvestigation", arn))
            parameters["InvestigationId"] = started["InvestigationId"]
        fake.settle()
        assert refusal(fake, operation, ADMINISTRATOR, **parameters) == ("ValidationException", 400, None)


class TestInvestigations:
    @pytest.mark.parametrize("operation", operations_under("Operations on one investigation"))
    def test_an_unknown_investigation_is_not_found(self, fake: DetectiveFake, arn: str, operation: str) -> None:
        """An unknown investigation in an existing graph is a ResourceNotFoundException."""
        expected = ("ResourceNotFoundException", 404, None)
        assert refusal(fake, operation, ADMINISTRATOR, **arguments(operation, arn)) == expected


class TestOnlyByFault:
    @pytest.mark.parametrize(
        ("operation", "error"), [each for each in by_fault() if each[1] != "AccessDeniedException"]
    )
    def test_a_fault_causes_it(self, fake: DetectiveFake, arn: str, operation: str, error: str) -> None:
        """A fault replaces the response of the operation with the error."""
        fake.faults.add(operation, error=error, times=None)
        code, status, _ = refusal(fake, operation, ADMINISTRATOR, **arguments(operation, arn))
        assert (code, status) == (error, error_statuses()[error])

    @pytest.mark.parametrize("operation", [name for name, error in by_fault() if error == "AccessDeniedException"])
    def test_a_denial_causes_it(self, fake: DetectiveFake, arn: str, operation: str) -> None:
        """`fake.deny` causes an AccessDeniedException, as an IAM policy would."""
        fake.deny(f"detective:{operation}")
        code, status, _ = refusal(fake, operation, ADMINISTRATOR, **arguments(operation, arn))
        assert (code, status) == ("AccessDeniedException", 403)


class TestNoErrorIsMissing:
    @pytest.mark.slow
    @settings(max_examples=5)
    @given(st.lists(attempts(), min_size=40, max_size=60))
    def test_random_calls_cause_only_listed_errors(self, calls: list[Attempt]) -> None:
        """Every error that an operation returns has a rule, and errors that need a fault do not occur without one."""
        with DetectiveFake() as fake:
            fake.clock.freeze(NOON)
            fake.seed.organization(ACCOUNTS[0], ACCOUNTS[1:4])
            fake.quotas.members_per_graph = 2
            driver = Driver(fake)
            for call in calls:
                outcome = driver.make(call)
                told = {rule.error for rule in FIDELITY.rules_of(outcome.operation)}
                assert outcome.error in {None, *told}, outcome
