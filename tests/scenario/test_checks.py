"""What the entries of a scenario must be together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from detective_fake.scenario.files import write
from detective_fake.scenario.load_and_save import check
from tests.controls.contexts import ANA, BEN, DEFAULT, REGION, SECURITY, file_context

if TYPE_CHECKING:
    from pathlib import Path

CAROL = "444444444444"
ARN = f"arn:aws:detective:{REGION}:{DEFAULT}:graph:{'a' * 32}"
OTHER_ARN = f"arn:aws:detective:{REGION}:{SECURITY}:graph:{'a' * 32}"
ROLE = "arn:aws:iam::222222222222:role/r"
ID = "1" * 21
ALREADY = "an organization already"
ONE_ONLY = "it can be in one only"
ORGANIZATION = {"management_account_id": SECURITY, "accounts": [ANA, BEN], "designations": [ANA]}


def problems(tmp_path: Path, **data: Any) -> list[str]:
    """Return what is wrong with a file, as a user reads it."""
    write(tmp_path / "checked.json", data)
    return [str(problem) for problem in check(tmp_path / "checked.json", file_context())]


def of_graph(tmp_path: Path, **graph: Any) -> list[str]:
    """Return what is wrong with a graph of the default caller."""
    return [problem.removeprefix("graphs[0].") for problem in problems(tmp_path, graphs=[graph])]


def of_organization_graph(tmp_path: Path, **graph: Any) -> list[str]:
    """Return what is wrong with the graph of an organization that Ana administers and Ben belongs to."""
    data = {"organizations": [ORGANIZATION], "graphs": [{"administrator_id": ANA, **graph}]}
    return [problem.removeprefix("graphs[0].") for problem in problems(tmp_path, **data)]


def of_organization(tmp_path: Path, **changes: Any) -> list[str]:
    """Return what is wrong with an organization that differs a little from one that is right."""
    found = problems(tmp_path, organizations=[{**ORGANIZATION, **changes}])
    return [problem.removeprefix("organizations[0].") for problem in found]


class TestAccounts:
    def test_each_is_described_once(self, tmp_path: Path) -> None:
        """Nobody could tell which of two descriptions holds."""
        found = problems(tmp_path, accounts=[{"account_id": ANA}, {"account_id": BEN}, {"account_id": ANA}])
        assert found == [f"accounts[2]: account {ANA} is described in accounts[0] already"]

    def test_addresses_are_those_that_detective_takes(self, tmp_path: Path) -> None:
        """Of accounts, of an organization's accounts and of members; the address itself is not shown."""
        found = problems(
            tmp_path,
            accounts=[{"account_id": ANA, "email": "ana at home"}, {"account_id": BEN, "email": ""}],
            organizations=[{"accounts": [{"account_id": CAROL, "email": "ana at home"}]}],
            graphs=[
                {"members": [{"account_id": ANA, "email": "ana at home"}, {"account_id": BEN, "email": "b@c.example"}]}
            ],
        )
        assert [each.partition(":")[0] for each in found] == [
            "accounts[0].email",
            "organizations[0].accounts[0].email",
            "graphs[0].members[0].email",
        ]
        assert all("EmailAddress" in each and "ana at home" not in each for each in found)


class TestOrganizations:
    def test_an_account_is_in_one_only(self, tmp_path: Path) -> None:
        """Management accounts included, whether they are listed or not."""
        found = problems(
            tmp_path,
            organizations=[
                {"management_account_id": SECURITY, "accounts": [ANA, ANA, SECURITY]},
                {"management_account_id": SECURITY, "accounts": [BEN]},
            ],
        )
        assert found == [
            f"organizations[0].accounts[1]: account {ANA} is in {ALREADY}, organizations[0].accounts[0]; {ONE_ONLY}",
            (
                f"organizations[1].management_account_id: account {SECURITY} is in {ALREADY}, "
                f"organizations[0].accounts[2]; {ONE_ONLY}"
            ),
        ]

    def test_each_has_an_id_of_its_own(self, tmp_path: Path) -> None:
        """It is what they are known by."""
        both = [{"organization_id": "o-aaaaaaaaaa"}, {"organization_id": "o-aaaaaaaaaa", "management_account_id": ANA}]
        assert problems(tmp_path, organizations=both) == [
            "organizations[1]: organizations[0] has the same organization_id"
        ]

    def test_a_delegated_administrator_belongs_to_it(self, tmp_path: Path) -> None:
        """It is named, or it is whoever is designated."""
        expected = f"delegated_administrator_id: {CAROL} is not among the accounts of the organization"
        assert of_organization(tmp_path, delegated_administrator_id=CAROL, designations=[]) == [expected]
        assert of_organization(tmp_path, designations=[CAROL]) == [expected]

    def test_the_management_account_cannot_be_delegated(self, tmp_path: Path) -> None:
        """AWS Organizations refuses that; it may be designated, though."""
        (found,) = of_organization(tmp_path, delegated_administrator_id=SECURITY, designations=[])
        assert found.startswith(f"delegated_administrator_id: {SECURITY} is the management account, which cannot be")
        assert not of_organization(tmp_path, designations=[SECURITY])

    def test_nobody_else_is_designated(self, tmp_path: Path) -> None:
        """There is one delegated administrator for all Regions."""
        other = {"administrator_id": BEN, "region": "eu-west-1"}
        (found,) = of_organization(tmp_path, designations=[ANA, other])
        assert found.startswith(f"designations[1]: {BEN} is neither the delegated administrator, {ANA}, nor the")

    def test_a_region_has_one_designation(self, tmp_path: Path) -> None:
        """The one of the file's own Region may go without saying."""
        twice = [ANA, {"administrator_id": SECURITY, "region": REGION}]
        (found,) = of_organization(tmp_path, designations=twice)
        assert found.startswith(f"designations[1]: organizations[0].designations[0] is of {REGION}, too; a Region has")

    def test_a_deleted_graph_is_not_there(self, tmp_path: Path) -> None:
        """Its ARN is one of Region and administrator, and of no other graph."""
        arn = ARN.replace(DEFAULT, ANA)
        organization = {**ORGANIZATION, "designations": [{"administrator_id": ANA, "deleted_graph_arn": arn}]}
        assert problems(tmp_path, organizations=[organization], graphs=[{"arn": arn}]) == [
            "organizations[0].designations[0].deleted_graph_arn: is the ARN of a graph that is there"
        ]
        assert not problems(tmp_path, organizations=[organization], graphs=[{"administrator_id": ANA}])
        (found,) = of_organization(tmp_path, designations=[{"administrator_id": ANA, "deleted_graph_arn": ARN}])
        assert found.startswith(
            f"designations[0].deleted_graph_arn: {ARN} does not begin as the ARN of a graph of {ANA}"
        )


class TestGraphs:
    def test_an_account_has_one_a_region(self, tmp_path: Path) -> None:
        """Whether they are named or meant."""
        found = problems(tmp_path, graphs=[{}, {"region": "eu-west-1"}, {"arn": ARN}, {"administrator_id": SECURITY}])
        assert found == [
            f"graphs[2]: {DEFAULT} administers a graph in {REGION} already, graphs[0]; an account has one a Region"
        ]

    @pytest.mark.parametrize(
        "graph",
        [
            {"arn": OTHER_ARN, "administrator_id": DEFAULT},
            {"arn": ARN, "region": "eu-west-1"},
            {"arn": ARN.replace(REGION, "us-gov-west-1")},
        ],
    )
    def test_an_arn_is_that_of_its_graph(self, tmp_path: Path, graph: dict[str, Any]) -> None:
        """Partition, Region and administrator are in it."""
        (found,) = of_graph(tmp_path, **graph)
        assert found.startswith(f"arn: {graph['arn']} does not begin as the ARN of a graph of {DEFAULT} in ")

    def test_only_an_organization_graph_enables_by_itself(self, tmp_path: Path) -> None:
        """Others have nobody to enable."""
        expected = ["auto_enable: only an organization behavior graph enables accounts by itself"]
        assert of_graph(tmp_path, auto_enable=True) == expected
        assert not of_organization_graph(tmp_path, auto_enable=True)

    def test_tags_are_those_that_detective_takes(self, tmp_path: Path) -> None:
        """Each is told by its key."""
        found = of_graph(tmp_path, tags={"aws:reserved": "x", "team": "y" * 300, "fine": ""})
        assert [each.partition(": ")[0] for each in found] == ['tags."aws:reserved"', "tags.team"]

    @pytest.mark.parametrize(
        ("packages", "expected"),
        [
            (["EKS_AUDIT"], "packages: DETECTIVE_CORE is not among those STARTED, and every graph ingests it"),
            (
                [{"package": "DETECTIVE_CORE", "state": "STOPPED", "stopped_at": "2024-03-01T12:00:00Z"}],
                "DETECTIVE_CORE",
            ),
            (["DETECTIVE_CORE", "DETECTIVE_CORE"], "packages[1]: DETECTIVE_CORE is in graphs[0].packages[0] already"),
            (
                ["DETECTIVE_CORE", {"package": "EKS_AUDIT", "state": "STOPPED"}],
                "packages[1].stopped_at: is missing: a STOPPED package was stopped at some time",
            ),
        ],
    )
    def test_packages_hang_together(self, tmp_path: Path, packages: list[Any], expected: str) -> None:
        """As `UpdateDatasourcePackages` leaves them."""
        (found,) = of_graph(tmp_path, packages=packages)
        assert expected in found


class TestMembers:
    def test_each_is_in_it_once(self, tmp_path: Path) -> None:
        """Whatever its status."""
        assert of_graph(tmp_path, members=[ANA, {"account_id": ANA, "status": "INVITED"}]) == [
            f"members[1]: account {ANA} is in this graph already, graphs[0].members[0]"
        ]

    def test_the_administrator_is_none(self, tmp_path: Path) -> None:
        """But in an organization behavior graph, where it is enabled."""
        expected = f"members[0].account_id: {DEFAULT} administers this behavior graph and cannot be its member"
        assert of_graph(tmp_path, members=[DEFAULT]) == [expected]
        assert not of_organization_graph(tmp_path, members=[ANA])
        for difference in ({"status": "INVITED"}, {"invitation_type": "INVITATION"}):
            (found,) = of_organization_graph(tmp_path, members=[{"account_id": ANA, **difference}])
            assert found.startswith("members[0].status: the administrator of an organization behavior graph is ENABLED")

    def test_an_organization_account_is_never_invited(self, tmp_path: Path) -> None:
        """Unless it was invited before it joined."""
        member = {"account_id": BEN, "status": "INVITED"}
        assert of_organization_graph(tmp_path, members=[member]) == [
            f"members[0].status: {BEN} is an organization account, which is never INVITED"
        ]
        assert not of_organization_graph(tmp_path, members=[{**member, "invitation_type": "INVITATION"}])

    def test_others_are_no_organization_accounts(self, tmp_path: Path) -> None:
        """Neither in a graph of none, nor if it is another one's."""
        member = {"account_id": CAROL, "invitation_type": "ORGANIZATION"}
        expected = [f"members[0].invitation_type: {CAROL} is not of an organization whose behavior graph this is"]
        assert of_graph(tmp_path, members=[member]) == expected
        assert of_organization_graph(tmp_path, members=[member]) == expected

    @pytest.mark.parametrize(
        ("member", "expected"),
        [
            ({"disabled_reason": "VOLUME_UNKNOWN"}, "disabled_reason: is only of ACCEPTED_BUT_DISABLED members"),
            ({"enabling": True}, "enabling: is only of ACCEPTED_BUT_DISABLED members; this one is ENABLED"),
            ({"status": "INVITED", "daily_volume_bytes": 1}, "daily_volume_bytes: is only of ENABLED members"),
            ({"status": "INVITED", "measured_at": "2024-03-01T12:00:00Z"}, "measured_at: is only of ENABLED members"),
        ],
    )
    def test_what_goes_with_which_status(self, tmp_path: Path, member: dict[str, Any], expected: str) -> None:
        """Told with the status there is."""
        (found,) = of_graph(tmp_path, members=[{"account_id": ANA, **member}])
        assert found.startswith(f"members[0].{expected}")

    def test_there_may_be_more_than_the_quota_allows(self, tmp_path: Path) -> None:
        """As with `fake.seed`: a test may ask what happens then."""
        assert not problems(tmp_path, quotas={"members_per_graph": 1}, graphs=[{"members": [ANA, BEN, CAROL]}])


class TestInvestigations:
    @pytest.mark.parametrize(
        ("investigation", "expected"),
        [
            ({"status": "RUNNING", "severity": "HIGH"}, "status: a RUNNING investigation has neither severity nor"),
            (
                {"status": "FAILED", "indicators": [{"indicator_type": "NEW_ASO", "aso": "x"}]},
                "status: A FAILED investigation finds nothing",
            ),
            ({"number": 5}, "number: is only of an investigation with investigation_id"),
            ({"created_at": "1969-12-31T00:00:00Z"}, "created_at: must lie in the years 1970 to 2285"),
            (
                {"created_at": "2024-03-01T12:00:00Z", "scope_start": "2024-03-01T12:00:00Z"},
                "scope_start: the scope must end after it starts, not at 2024-03-01T12:00:00+00:00",
            ),
            (
                {"scope_start": "2024-03-01T11:00:00Z", "scope_end": "2024-03-01T10:00:00Z"},
                "scope_start: the scope must end after it starts, not at 2024-03-01T10:00:00+00:00",
            ),
        ],
    )
    def test_what_goes_with_what(self, tmp_path: Path, investigation: dict[str, Any], expected: str) -> None:
        """As `fake.seed.investigation` has it."""
        (found,) = of_graph(tmp_path, investigations=[{"entity_arn": ROLE, **investigation}])
        assert found.startswith(f"investigations[0].{expected}")

    def test_each_has_an_id_of_its_own(self, tmp_path: Path) -> None:
        """In its graph."""
        entry = {"entity_arn": ROLE, "investigation_id": ID}
        assert of_graph(tmp_path, investigations=[entry, entry]) == [
            "investigations[1]: graphs[0].investigations[0] has the same investigation_id"
        ]

    def test_an_entity_is_prepared_once(self, tmp_path: Path) -> None:
        """And ends as an investigation can."""
        prepared = [{"entity_arn": ROLE}, {"entity_arn": ROLE, "outcome": "RUNNING"}]
        assert of_graph(tmp_path, prepared_investigations=prepared) == [
            "prepared_investigations[1]: graphs[0].prepared_investigations[0] is of the same entity",
            "prepared_investigations[1].outcome: RUNNING is no outcome; an investigation ends SUCCESSFUL or FAILED.",
        ]


class TestLimits:
    def test_are_those_a_fake_can_have(self, tmp_path: Path) -> None:
        """What repeats must leave time in between."""
        lifetime = {"investigation_token_lifetime": 0}
        first, second = problems(tmp_path, quotas=lifetime, timings={"recheck": 0, "enabling": 0})
        assert first.startswith("quotas.investigation_token_lifetime: quotas.investigation_token_lifetime must be")
        assert second.startswith("timings.recheck: timings.recheck repeats and must be a millisecond at least")


class TestNumbers:
    def test_each_is_given_once(self, tmp_path: Path) -> None:
        """Over all graphs, among members, investigations and events each."""
        entry = {"entity_arn": ROLE, "number": 7}
        found = problems(
            tmp_path,
            graphs=[
                {
                    "members": [{"account_id": ANA, "number": 7}],
                    "investigations": [{**entry, "investigation_id": ID}, {**entry, "investigation_id": "2" * 21}],
                },
                {"administrator_id": SECURITY, "members": [BEN, {"account_id": ANA, "number": 7}]},
            ],
            events=[{"kind": "recheck", "scope": ARN, "number": 7}, {"kind": "recheck", "scope": ARN, "number": 7}],
        )
        assert found == [
            "graphs[1].members[1]: 7 is the number of graphs[0].members[0] already",
            "graphs[0].investigations[1]: 7 is the number of graphs[0].investigations[0] already",
            "events[1]: 7 is the number of events[0] already",
        ]
