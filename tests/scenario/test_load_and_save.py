"""Loading, saving and checking scenarios on a stage: what a file leaves open, what it replaces, what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

import attrs
import pytest

from detective_fake.domain.due_events import run_due_events
from detective_fake.domain.event_queue import EventKind, EventQueue
from detective_fake.domain.indicators import NewAso
from detective_fake.domain.investigations import prepare
from detective_fake.domain.membership import DisabledReason, InvitationType, MemberStatus
from detective_fake.scenario.files import write
from detective_fake.scenario.load_and_save import check, save
from detective_fake.scenario.problems import ScenarioError
from tests.controls.contexts import (
    ANA,
    BEN,
    DEFAULT,
    NOON,
    REGION,
    SECURITY,
    a_context,
    call,
    file_context,
    loaded,
    moment,
    only_graph,
    row,
    seed_on,
)

if TYPE_CHECKING:
    from pathlib import Path

    from detective_fake.controls.context import FakeContext

CAROL = "444444444444"
MORNING = NOON - timedelta(hours=4)
ARN = f"arn:aws:detective:{REGION}:{DEFAULT}:graph:{'a' * 32}"
ROLE = "arn:aws:iam::222222222222:role/r"
TERABYTE = 10**12


def staged(tmp_path: Path, stage: FakeContext | None = None, **data: Any) -> FakeContext:
    """Return a stage, a new one if none is given, after loading a file of this content."""
    write(tmp_path / "loaded.json", data)
    return loaded(tmp_path / "loaded.json", stage)


class TestWhatIsLeftOpen:
    def test_is_as_seeding_would_have_it(self, tmp_path: Path) -> None:
        """A graph, its members in any status, an organization: the same state, down to ARNs and events."""
        statuses = dict(zip([ANA, BEN, CAROL, SECURITY], MemberStatus, strict=False))
        seeded = a_context()
        seed = seed_on(seeded)
        seed.account(ANA, email="ana@example.com", daily_volume_bytes={"EKS_AUDIT": 5}, guardduty=False)
        seed.organization("555555555555", {"666666666666": "six@example.com", "777777777777": None})
        arn = seed.graph(tags={"team": "blue"}, members={each: status.value for each, status in statuses.items()})
        seed.member(arn, "888888888888", status="ACCEPTED_BUT_DISABLED")
        stage = staged(
            tmp_path,
            accounts=[
                {
                    "account_id": ANA,
                    "email": "ana@example.com",
                    "daily_volume_bytes": {"EKS_AUDIT": 5},
                    "guardduty": False,
                }
            ],
            organizations=[
                {
                    "management_account_id": "555555555555",
                    "accounts": [{"account_id": "666666666666", "email": "six@example.com"}, "777777777777"],
                }
            ],
            graphs=[
                {
                    "tags": {"team": "blue"},
                    "members": [
                        *({"account_id": each, "status": status.value} for each, status in statuses.items()),
                        {"account_id": "888888888888", "status": "ACCEPTED_BUT_DISABLED"},
                    ],
                }
            ],
        )
        assert _without_numbers(stage) == _without_numbers(seeded)

    def test_an_empty_file_is_an_empty_world(self, tmp_path: Path) -> None:
        """There is nothing that must be in a scenario."""
        assert moment(staged(tmp_path)) == moment(a_context())

    def test_the_arn_tells_region_and_administrator(self, tmp_path: Path) -> None:
        """So that a real one may be pasted in."""
        graph = only_graph(staged(tmp_path, graphs=[{"arn": ARN.replace(REGION, "eu-west-1")}]))
        assert (graph.region, graph.administrator_id) == ("eu-west-1", DEFAULT)

    def test_times_are_those_of_the_graph(self, tmp_path: Path) -> None:
        """Of members, packages and investigations."""
        graph = {
            "created_at": "2024-03-01T08:00:00Z",
            "packages": ["DETECTIVE_CORE"],
            "members": [ANA, {"account_id": BEN, "invited_at": "2024-03-01T09:00:00Z"}],
            "investigations": [{"entity_arn": ROLE}],
        }
        stage = staged(tmp_path, graphs=[graph])
        ana, ben = row(stage, ANA), row(stage, BEN)
        assert ana.usage is not None
        assert {ana.invited_at, ana.updated_at, ana.usage.measured_at} == {MORNING}
        assert ben.updated_at == MORNING + timedelta(hours=1)
        (investigation,) = stage.world.investigations_of(only_graph(stage).arn).rows.values()
        assert (investigation.created_at, investigation.scope_end) == (MORNING, MORNING)
        assert investigation.scope_start == MORNING - timedelta(days=1)

    def test_what_is_said_holds(self, tmp_path: Path) -> None:
        """Every key of a member is kept as it is."""
        given = {
            "account_id": ANA,
            "email": "ana@example.com",
            "invited_at": "2024-03-01T08:00:00Z",
            "updated_at": "2024-03-01T09:00:00Z",
            "daily_volume_bytes": 5,
            "measured_at": "2024-03-01T10:00:00Z",
            "number": 7,
        }
        member = row(staged(tmp_path, graphs=[{"members": [given, BEN]}]), ANA)
        assert (member.email, member.number) == ("ana@example.com", 7)
        assert (member.invited_at, member.updated_at) == (MORNING, MORNING + timedelta(hours=1))
        assert member.usage is not None
        assert (member.usage.total, member.usage.measured_at) == (5, MORNING + timedelta(hours=2))

    def test_nothing_may_be_said_to_be_there(self, tmp_path: Path) -> None:
        """No address, no reason, no volume."""
        members = [
            {"account_id": ANA, "email": "", "daily_volume_bytes": "unknown"},
            {"account_id": BEN, "status": "ACCEPTED_BUT_DISABLED", "disabled_reason": ""},
        ]
        stage = staged(tmp_path, accounts=[{"account_id": BEN, "guardduty": False}], graphs=[{"members": members}])
        assert (row(stage, ANA).email, row(stage, ANA).usage) == (None, None)
        assert row(stage, BEN).disabled_reason is None

    def test_the_reason_of_a_disabled_member_is_found(self, tmp_path: Path) -> None:
        """By what its account makes, with everybody else in; one about to be enabled is still being measured."""
        disabled = {"status": "ACCEPTED_BUT_DISABLED"}
        members = [{"account_id": BEN, **disabled}, {"account_id": CAROL, **disabled, "enabling": True}, ANA]
        accounts = [
            {"account_id": ANA, "daily_volume_bytes": 7 * TERABYTE},
            {"account_id": BEN, "daily_volume_bytes": 4 * TERABYTE},
        ]
        stage = staged(tmp_path, accounts=accounts, graphs=[{"members": members}])
        assert row(stage, BEN).disabled_reason is DisabledReason.VOLUME_TOO_HIGH
        assert row(stage, CAROL).disabled_reason is DisabledReason.VOLUME_UNKNOWN

    def test_numbers_follow_those_before(self, tmp_path: Path) -> None:
        """And leave out those that are given further down."""
        graphs = [
            {"members": [ANA, {"account_id": BEN, "number": 5}, CAROL]},
            {
                "administrator_id": SECURITY,
                "members": [{"account_id": ANA, "number": 2}, {"account_id": BEN, "number": 6}, CAROL],
            },
        ]
        stage = staged(tmp_path, graphs=graphs)
        numbers = [[each.number for each in table.ordered()] for table in stage.world.members.values()]
        assert numbers == [[1, 5, 7], [2, 6, 8]]
        assert stage.world.next_number() == 9

    def test_invitations_of_an_account_are_in_the_order_of_numbers(self, tmp_path: Path) -> None:
        """Not in that of the graphs."""
        graphs = [
            {"arn": ARN, "members": [{"account_id": ANA, "number": 9}]},
            {"administrator_id": SECURITY, "members": [{"account_id": ANA, "number": 2}]},
        ]
        stage = staged(tmp_path, graphs=graphs)
        assert stage.world.memberships[REGION, ANA][1] == ARN


class TestOrganizations:
    ORGANIZATION: ClassVar[dict[str, Any]] = {
        "management_account_id": SECURITY,
        "accounts": [ANA, BEN],
        "designations": [ANA],
    }

    def test_a_designation_makes_the_graph(self, tmp_path: Path) -> None:
        """As `EnableOrganizationAdminAccount` would."""
        stage = staged(tmp_path, organizations=[self.ORGANIZATION])
        called = a_context()
        seed_on(called).organization(SECURITY, [ANA, BEN])
        call(called, "EnableOrganizationAdminAccount", SECURITY, AccountId=ANA)
        run_due_events(called.world, NOON)
        assert _without_numbers(stage) == _without_numbers(called)

    def test_a_graph_that_is_there_becomes_that_of_the_organization(self, tmp_path: Path) -> None:
        """Its administrator is listed first, accounts of the organization come in by it, others by invitation."""
        stage = staged(
            tmp_path, organizations=[self.ORGANIZATION], graphs=[{"administrator_id": ANA, "members": [BEN, CAROL]}]
        )
        members = stage.world.rows(only_graph(stage).arn).ordered()
        kinds = [InvitationType.ORGANIZATION, InvitationType.ORGANIZATION, InvitationType.INVITATION]
        assert [each.account_id for each in members] == [ANA, BEN, CAROL]
        assert [each.invitation_type for each in members] == kinds
        assert members[1].invited_at is None

    def test_the_administrators_own_row_may_stand_anywhere(self, tmp_path: Path) -> None:
        """Where it does it is not added."""
        stage = staged(
            tmp_path, organizations=[self.ORGANIZATION], graphs=[{"administrator_id": ANA, "members": [BEN, ANA]}]
        )
        assert [each.account_id for each in stage.world.rows(only_graph(stage).arn).ordered()] == [BEN, ANA]

    def test_a_deleted_graph_stays_deleted(self, tmp_path: Path) -> None:
        """The designation is there, a graph is not."""
        arn = ARN.replace(DEFAULT, ANA)
        designations = [{"administrator_id": ANA, "deleted_graph_arn": arn}]
        stage = staged(tmp_path, organizations=[{**self.ORGANIZATION, "designations": designations}])
        assert not stage.world.graphs
        assert [each.graph_arn for each in stage.world.designations.values()] == [arn]

    def test_what_is_listed_may_lag_behind(self, tmp_path: Path) -> None:
        """As in the first minutes after a designation."""
        stage = staged(tmp_path, organizations=[self.ORGANIZATION], listed_administrators=[])
        assert stage.world.designations
        assert not stage.world.listed

    def test_addresses_are_known_to_detective_unless_it_is_told_others(self, tmp_path: Path) -> None:
        """An account's own entry comes before that in the organization; empty means any."""
        accounts = [
            {"account_id": ANA, "email": "a@example.com"},
            {"account_id": BEN, "email": "b@example.com"},
            {"account_id": CAROL, "email": "c@example.com"},
        ]
        stage = staged(
            tmp_path,
            organizations=[{"accounts": accounts}],
            accounts=[{"account_id": ANA, "email": "other@example.com"}, {"account_id": BEN, "email": ""}],
        )
        emails = [stage.world.account(each).email for each in (ANA, BEN, CAROL)]
        assert emails == ["other@example.com", None, "c@example.com"]

    def test_made_up_ids_differ_from_those_given(self, tmp_path: Path) -> None:
        """Also if the one given is what would have been made up first."""
        (made_up,) = staged(tmp_path, organizations=[{}]).world.organizations
        organizations = [{"management_account_id": ANA}, {"organization_id": made_up}]
        stage = staged(tmp_path, organizations=organizations)
        assert len(stage.world.organizations) == 2
        seed_on(stage).organization(BEN)
        assert len(stage.world.organizations) == 3


class TestEvents:
    MEMBERS: ClassVar[tuple[dict[str, Any], ...]] = (
        {"account_id": ANA, "status": "VERIFICATION_IN_PROGRESS"},
        {"account_id": BEN, "status": "ACCEPTED_BUT_DISABLED", "enabling": True},
        {"account_id": CAROL, "status": "ACCEPTED_BUT_DISABLED"},
    )
    RUNNING: ClassVar[dict[str, Any]] = {"entity_arn": ROLE, "status": "RUNNING"}

    def test_follow_from_the_rest(self, tmp_path: Path) -> None:
        """Verification, enabling, the hourly check, and the end of an investigation."""
        investigations = [self.RUNNING, {**self.RUNNING, "investigation_id": "1" * 21}]
        stage = staged(tmp_path, graphs=[{"members": self.MEMBERS, "investigations": investigations}])
        kinds = sorted(event.kind.value for event in stage.world.event_queue.events())
        assert kinds == ["enabling", "investigation", "investigation", "recheck", "verification"]
        run_due_events(stage.world, NOON)
        assert row(stage, ANA).status is MemberStatus.INVITED
        assert row(stage, BEN).status is MemberStatus.ENABLED

    def test_come_at_the_times_the_file_has(self, tmp_path: Path) -> None:
        """Its timings are those of everything to come."""
        stage = staged(tmp_path, timings={"verification": {"hours": 2}}, graphs=[{"members": self.MEMBERS[:1]}])
        assert stage.world.event_queue.next_due() == NOON + timedelta(hours=2)

    def test_that_are_given_are_all_there_are(self, tmp_path: Path) -> None:
        """A new number goes to one that has none."""
        events = [
            {"kind": "recheck", "scope": ARN},
            {"kind": "verification", "scope": ARN, "subject": ANA, "number": 9},
        ]
        running = {**self.RUNNING, "investigation_id": "1" * 21, "number": 12}
        stage = staged(
            tmp_path, graphs=[{"arn": ARN, "members": self.MEMBERS, "investigations": [running]}], events=events
        )
        queue = {(event.kind, event.number, event.due) for event in stage.world.event_queue.events()}
        assert queue == {(EventKind.RECHECK, 13, None), (EventKind.VERIFICATION, 9, None)}
        assert stage.world.rechecks == {ARN}


class TestCounters:
    def test_graphs_that_are_named_count(self, tmp_path: Path) -> None:
        """So that one made after deleting it has another ARN, although the name was what would be made up first."""
        arn = only_graph(staged(tmp_path, graphs=[{}])).arn
        stage = staged(tmp_path, graphs=[{"arn": arn}])
        call(stage, "DeleteGraph", DEFAULT, GraphArn=arn)
        assert call(stage, "CreateGraph", DEFAULT)["GraphArn"] != arn

    def test_that_are_given_hold(self, tmp_path: Path) -> None:
        """Made up ones go on from there."""
        identifiers = {"graph": {f"{REGION}/{DEFAULT}": 3}, "organization": {"": 2}}
        counters = {"last_number": 40, "identifiers": identifiers}
        stage = staged(tmp_path, counters=counters, graphs=[{}], organizations=[{"organization_id": "o-aaaaaaaaaa"}])
        assert stage.world.counts == {("graph", f"{REGION}/{DEFAULT}"): 4, ("organization", ""): 2}
        assert stage.world.next_number() == 41


class TestReplacing:
    def test_everything_there_was_is_gone(self, tmp_path: Path) -> None:
        """What is not in the file is not there any more."""
        stage = a_context()
        seed_on(stage).graph(SECURITY, members={ANA: "VERIFICATION_IN_PROGRESS"})
        seed_on(stage).organization(BEN)
        assert moment(staged(tmp_path, stage, graphs=[{}])) == moment(staged(tmp_path, graphs=[{}]))

    def test_limits_and_clock_stay_where_the_file_has_none(self, tmp_path: Path) -> None:
        """They belong to the test more than to the state."""
        stage = a_context()
        stage.clock.freeze(MORNING)
        stage.world.quotas.members_per_graph = 3
        staged(tmp_path, stage, quotas={"members_page": 7}, graphs=[{}])
        assert (stage.world.quotas.members_per_graph, stage.world.quotas.members_page) == (3, 7)
        assert only_graph(stage).created_at == stage.clock.now() == MORNING

    def test_the_clock_is_set_first(self, tmp_path: Path) -> None:
        """What has no time of its own has that of the file's clock."""
        stage = staged(tmp_path, clock={"frozen_at": "2024-03-01T08:00:00Z"}, graphs=[{}])
        assert only_graph(stage).created_at == stage.clock.now() == MORNING

    def test_a_running_clock_may_be_ahead(self, tmp_path: Path) -> None:
        """Of the real one; one that stood still runs again."""
        stage = a_context()
        stage.clock.freeze(MORNING)
        staged(tmp_path, stage, clock={"ahead_milliseconds": 1500})
        assert stage.clock.now() == NOON + timedelta(milliseconds=1500)

    def test_a_snapshot_taken_before_is_not_touched(self, tmp_path: Path) -> None:
        """Going back to it leads to what was there."""
        stage = a_context()
        seed_on(stage).graph(members=[ANA])
        before, (state, _) = moment(stage), moment(stage)
        staged(tmp_path, stage, graphs=[{"members": [BEN]}])
        seed_on(stage).member(only_graph(stage).arn, CAROL)
        stage.world.become(state)  # type: ignore[arg-type]
        assert moment(stage) == before

    @pytest.mark.parametrize(
        "data",
        [
            {"graph": []},
            {"clock": {"frozen_at": "2030-01-01T00:00:00Z"}, "graphs": [{}, {}]},
            {"clock": {"frozen_at": "9999-12-31T23:59:59Z"}, "graphs": [{"members": [TestEvents.MEMBERS[2]]}]},
        ],
    )
    def test_a_refused_file_changes_nothing(self, tmp_path: Path, data: dict[str, Any]) -> None:
        """Neither state nor clock, wherever it fails."""
        stage = a_context()
        seed_on(stage).graph(members=[ANA])
        before = moment(stage)
        with pytest.raises(ScenarioError):
            staged(tmp_path, stage, **data)
        assert moment(stage) == before


class TestErrors:
    def test_one_names_the_file_and_all_that_is_wrong(self, tmp_path: Path) -> None:
        """Each with its place."""
        with pytest.raises(ScenarioError) as caught:
            staged(tmp_path, graphs=[{"members": [{"account_id": ANA, "status": "ENABLD"}]}], clokc={})
        assert str(caught.value) == (
            f"The scenario {tmp_path / 'loaded.json'} cannot be loaded:\n"
            '  graphs[0].members[0].status: "ENABLD" is not one of INVITED, VERIFICATION_IN_PROGRESS, '
            "VERIFICATION_FAILED, ENABLED, ACCEPTED_BUT_DISABLED; did you mean ENABLED?\n"
            "  clokc: is no key here; did you mean clock?"
        )

    def test_a_very_long_list_is_cut(self, tmp_path: Path) -> None:
        """The rest is in `problems`."""
        with pytest.raises(ScenarioError) as caught:
            staged(tmp_path, graphs=[{"members": ["22"] * 70}])
        assert str(caught.value).splitlines()[-1] == "  and 20 more."
        assert len(caught.value.problems) == 70

    def test_times_at_the_end_of_all_times_are_refused(self, tmp_path: Path) -> None:
        """What follows from them cannot be told."""
        write(
            tmp_path / "a.json",
            {
                "graphs": [
                    {
                        "created_at": "0001-01-01T00:00:00Z",
                        "investigations": [{"entity_arn": ROLE, "investigation_id": "1" * 21}],
                    }
                ]
            },
        )
        (problem,) = check(tmp_path / "a.json", file_context())
        assert "so close to the year 1 or 9999" in problem.message

    def test_checking_finds_nothing_in_a_file_that_is_right(self, tmp_path: Path) -> None:
        """Then it can be loaded."""
        write(tmp_path / "a.toml", {"graphs": [{"members": [ANA]}]})
        assert not check(tmp_path / "a.toml", file_context())


class TestSaving:
    def test_leaves_out_what_goes_without_saying(self, tmp_path: Path) -> None:
        """A seeded member is its id and no more."""
        stage = a_context()
        seed_on(stage).graph(members=[ANA, BEN])
        save(tmp_path / "saved.toml", stage)
        assert f'members = [\n    "{ANA}",\n    "{BEN}",\n]\n' in (tmp_path / "saved.toml").read_text()

    def test_everything_that_is_rare_comes_back(self, tmp_path: Path) -> None:
        """Stopped packages, automatic enabling, an archived investigation, what is prepared, an e-mail not yet sent."""
        stage = staged(
            tmp_path,
            organizations=[TestOrganizations.ORGANIZATION],
            graphs=[{"administrator_id": ANA, "members": [BEN]}],
        )
        arn = only_graph(stage).arn
        scope = {"ScopeStartTime": MORNING, "ScopeEndTime": NOON}
        started = call(stage, "StartInvestigation", ANA, GraphArn=arn, EntityArn=ROLE, **scope)["InvestigationId"]
        for packages in (["DETECTIVE_CORE", "EKS_AUDIT"], ["DETECTIVE_CORE"]):
            stage.clock.advance(timedelta(minutes=1))
            call(stage, "UpdateDatasourcePackages", ANA, GraphArn=arn, DatasourcePackages=packages)
        call(stage, "UpdateInvestigationState", ANA, GraphArn=arn, InvestigationId=started, State="ARCHIVED")
        call(stage, "UpdateOrganizationConfiguration", ANA, GraphArn=arn, AutoEnable=True)
        prepare(stage.world, only_graph(stage), ROLE, severity="HIGH", indicators=[NewAso(aso="AMAZON-02")])
        invited = [{"AccountId": CAROL, "EmailAddress": "c@example.com"}]
        call(stage, "CreateMembers", ANA, GraphArn=arn, Accounts=invited, Message="Join us")
        save(tmp_path / "saved.toml", stage)
        assert moment(loaded(tmp_path / "saved.toml")) == moment(stage)

    def test_the_other_quotas_of_another_fake_do_not_matter(self, tmp_path: Path) -> None:
        """Everything is in the file."""
        stage = a_context()
        seed_on(stage).member(seed_on(stage).graph(), ANA, status="ACCEPTED_BUT_DISABLED")
        save(tmp_path / "saved.json", stage)
        other = a_context()
        other.world.quotas.volume_bytes_per_day = 1
        other.world.timings.recheck = None
        assert moment(loaded(tmp_path / "saved.json", other)) == moment(stage)

    def test_measurements_of_another_time_are_kept(self, tmp_path: Path) -> None:
        """An enabled member whose volume was measured anew, and one whose volume is not known any more."""
        stage = a_context()
        seed_on(stage).graph(members=[ANA, BEN])
        stage.clock.advance(timedelta(hours=1))
        seed_on(stage).account(ANA, daily_volume_bytes=5)
        seed_on(stage).account(BEN, daily_volume_bytes=None)
        stage.world.accounts.clear()
        save(tmp_path / "saved.toml", stage)
        assert moment(loaded(tmp_path / "saved.toml")) == moment(stage)

    def test_an_organization_lists_its_management_account_where_it_must(self, tmp_path: Path) -> None:
        """If it has an address, or does not come first."""
        stage = a_context()
        control = seed_on(stage).organization(SECURITY, {SECURITY: "s@example.com", ANA: None})
        organization = control.value
        accounts = {BEN: None, **organization.accounts}
        stage.world.organizations[control.organization_id] = attrs.evolve(organization, accounts=accounts)
        save(tmp_path / "saved.toml", stage)
        again = loaded(tmp_path / "saved.toml")
        assert moment(again) == moment(stage)
        assert [*again.world.organizations[control.organization_id].accounts] == [BEN, SECURITY, ANA]


def _without_numbers(stage: FakeContext) -> object:
    """Return the state of a world, but for numbers that tell in which order it came about."""
    state = stage.world.copy()
    members = {arn: [attrs.evolve(each, number=0) for each in table.ordered()] for arn, table in state.members.items()}
    events = sorted((event.kind.value, event.subject, event.due) for event in stage.world.event_queue.events())
    changes = {"members": members, "last_number": 0, "event_queue": EventQueue()}
    return attrs.evolve(state, **changes), events  # type: ignore[arg-type]
