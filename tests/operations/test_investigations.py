"""Tests of the operations on investigations: start, get, list, filter, sort and archive."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detective_fake.domain import investigations
from detective_fake.domain.due_events import run_due_events
from detective_fake.domain.event_queue import Timings
from detective_fake.domain.indicators import (
    INDICATORS,
    FlaggedIpAddress,
    ImpossibleTravel,
    Indicator,
    NewAso,
    NewGeolocation,
    NewUserAgent,
    RelatedFinding,
    RelatedFindingGroup,
    TTPObserved,
)
from detective_fake.domain.investigations import Severity
from detective_fake.domain.quotas import Behavior
from detective_fake.errors import AccessDenied, ResourceNotFound, ValidationFailed
from detective_fake.exchange import write_body
from detective_fake.operations.investigations import clock_time, list_investigations
from detective_fake.protocol.model import service_model
from tests.builders import ANA, HOUR, MINUTE, NOON, ROLE, USER, a_call, a_graph, a_world, answer
from tests.protocol.shapes import enum_values

if TYPE_CHECKING:
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.world import World

NEVER = "000000000000000000000"
SCOPE = {"ScopeStartTime": NOON - HOUR, "ScopeEndTime": NOON}
DAY = 24 * HOUR

ENDINGS = [{"status": "RUNNING"}, {"status": "FAILED"}, *({"severity": each.value} for each in Severity)]

EVERY_KIND: tuple[Indicator, ...] = (
    TTPObserved(
        tactic="Persistence",
        technique="IAM Password Policy Manipulation",
        procedure="Change Account Password Policy",
        ip_address="192.0.2.1",
        api_name="iam:UpdateAccountPasswordPolicy",
        api_success_count=2,
        api_failure_count=1,
    ),
    ImpossibleTravel(
        starting_ip_address="192.0.2.1",
        ending_ip_address="198.51.100.1",
        starting_location="Columbus, US, 40.0, -83.0",
        ending_location="Berlin, DE, 52.5, 13.4",
        hourly_time_delta=1,
    ),
    FlaggedIpAddress(ip_address="192.0.2.1"),
    NewGeolocation(location="Berlin, DE, 52.5, 13.4", ip_address="198.51.100.1", is_new_for_entire_account=True),
    NewAso(aso="AMAZON-02"),
    NewUserAgent(user_agent="Go-http-client/1.1"),
    RelatedFinding(arn="arn:aws:guardduty:x", type="UnauthorizedAccess:IAMUser", ip_address="192.0.2.1"),
    RelatedFindingGroup(id="0f3b2a"),
)


@pytest.fixture
def world() -> World:
    return a_world(timings=Timings(investigation=HOUR))


@pytest.fixture
def graph(world: World) -> BehaviorGraph:
    return a_graph(world)


class TestStartInvestigation:
    def test_the_response_has_the_id_of_a_running_investigation(self, world: World, graph: BehaviorGraph) -> None:
        """The call does not wait for the report."""
        identifier = _start(world, graph)
        assert _get(world, graph, identifier)["Status"] == "RUNNING"

    def test_each_call_starts_a_new_investigation(self, world: World, graph: BehaviorGraph) -> None:
        """Two identical calls at the same time start two investigations."""
        assert _start(world, graph) != _start(world, graph)

    @pytest.mark.parametrize("entity_arn", ["arn:aws:iam::222222222222:root", "arn:aws:s3:::bucket"])
    def test_only_users_and_roles_can_be_investigated(
        self, world: World, graph: BehaviorGraph, entity_arn: str
    ) -> None:
        """The message names the parameter and its value."""
        message = f"StartInvestigationRequest.EntityArn must be .* IAM user or role. Found {entity_arn}."
        with pytest.raises(ValidationFailed, match=message):
            _start(world, graph, EntityArn=entity_arn)

    @pytest.mark.parametrize("end", [NOON, NOON - HOUR, NOON + timedelta(microseconds=999)])
    def test_the_scope_must_end_after_it_starts(self, world: World, graph: BehaviorGraph, end: datetime) -> None:
        """The scope must be at least one millisecond long, because times are kept in milliseconds."""
        message = "StartInvestigationRequest.ScopeEndTime must be later than ScopeStartTime. Found 2024-05-17T1"
        with pytest.raises(ValidationFailed, match=message):
            _start(world, graph, ScopeStartTime=NOON, ScopeEndTime=end)

    def test_the_scope_may_end_in_the_future(self, world: World, graph: BehaviorGraph) -> None:
        """Real clients send such requests."""
        identifier = _start(world, graph, ScopeEndTime=NOON + 7 * DAY)
        assert _get(world, graph, identifier)["ScopeEndTime"] == NOON + 7 * DAY

    def test_only_the_administrator_may_call_it(self, world: World, graph: BehaviorGraph) -> None:
        """Members have no access to the data of a graph."""
        with pytest.raises(AccessDenied):
            _start(world, graph, account_id=ANA)


class TestGetInvestigation:
    def test_a_running_investigation_has_no_severity(self, world: World, graph: BehaviorGraph) -> None:
        """All other members are present, in the order of the service model."""
        identifier = _start(world, graph)
        assert list(_get(world, graph, identifier).items()) == [
            ("GraphArn", graph.arn),
            ("InvestigationId", identifier),
            ("EntityArn", ROLE),
            ("EntityType", "IAM_ROLE"),
            ("CreatedTime", NOON),
            ("ScopeStartTime", NOON - HOUR),
            ("ScopeEndTime", NOON),
            ("Status", "RUNNING"),
            ("State", "ACTIVE"),
        ]

    def test_a_finished_investigation_has_a_severity(self, world: World, graph: BehaviorGraph) -> None:
        """The severity is the one prepared for the entity."""
        investigations.prepare(world, graph, ROLE, severity="HIGH")
        identifier = _start(world, graph)
        run_due_events(world, NOON + HOUR)
        found = _get(world, graph, identifier)
        assert (found["Status"], found["Severity"]) == ("SUCCESSFUL", "HIGH")

    def test_times_have_the_clocks_zone_and_millisecond_precision(self, world: World, graph: BehaviorGraph) -> None:
        """The time zone and the precision of the request do not matter."""
        zone = timezone(timedelta(0), "of the clock")
        identifier = _start(
            world, graph, at=NOON.astimezone(zone), ScopeStartTime=NOON - timedelta(microseconds=1), ScopeEndTime=NOON
        )
        found = _get(world, graph, identifier)
        assert found["ScopeStartTime"] == NOON - timedelta(milliseconds=1)
        assert found["ScopeStartTime"].tzinfo is found["ScopeEndTime"].tzinfo is zone

    def test_an_unknown_investigation_is_not_found(self, world: World, graph: BehaviorGraph) -> None:
        """The ID of an investigation is valid only in its own graph."""
        other = a_graph(world, account_id=ANA)
        identifier = investigations.add(world, other, ROLE, at=NOON).investigation_id
        for unknown in (identifier, NEVER):
            with pytest.raises(ResourceNotFound):
                _get(world, graph, unknown)


class TestListInvestigations:
    def test_a_new_graph_has_no_investigations(self, world: World, graph: BehaviorGraph) -> None:
        """The list of a new graph is empty."""
        assert _list(world, graph) == {"InvestigationDetails": []}

    def test_an_entry_has_everything_but_the_scope(self, world: World, graph: BehaviorGraph) -> None:
        """Members are in the order of the service model. A running investigation has no severity."""
        finished = _seed(world, graph, severity="LOW", state="ARCHIVED", entity_arn=USER)
        running = _seed(world, graph, status="RUNNING")
        entries = _list(world, graph)["InvestigationDetails"]
        assert [list(entry.values()) for entry in entries] == [
            [running, "RUNNING", "ACTIVE", NOON, ROLE, "IAM_ROLE"],
            [finished, "LOW", "SUCCESSFUL", "ARCHIVED", NOON, USER, "IAM_USER"],
        ]

    def test_each_response_is_a_copy(self, world: World, graph: BehaviorGraph) -> None:
        """Changes to one response do not affect another."""
        _seed(world, graph)
        body = list_investigations(a_call(world, "ListInvestigations", GraphArn=graph.arn))
        write_body(body)["InvestigationDetails"].clear()
        assert len(write_body(body)["InvestigationDetails"]) == 1

    def test_only_the_administrator_may_call_it(self, world: World, graph: BehaviorGraph) -> None:
        """Members have no access to the data of a graph."""
        with pytest.raises(AccessDenied):
            _list(world, graph, account_id=ANA)


class TestFilterCriteria:
    @pytest.mark.parametrize(
        ("criteria", "expected"),
        [
            ({"Severity": {"Value": "HIGH"}}, ["high"]),
            ({"Status": {"Value": "RUNNING"}}, ["running"]),
            ({"State": {"Value": "ARCHIVED"}}, ["archived"]),
            ({"EntityArn": {"Value": USER}}, ["archived"]),
            ({"CreatedTime": {"StartInclusive": NOON + MINUTE, "EndInclusive": NOON + MINUTE}}, ["running"]),
            ({"CreatedTime": {"StartInclusive": NOON, "EndInclusive": NOON + MINUTE}}, ["running", "high"]),
            ({"State": {"Value": "ACTIVE"}, "Status": {"Value": "SUCCESSFUL"}}, ["high"]),
            ({"State": {"Value": "ARCHIVED"}, "Status": {"Value": "RUNNING"}}, []),
            ({"Severity": {"Value": "high"}}, []),
            ({"EntityArn": {"Value": ROLE[:-1]}}, []),
            ({}, ["archived", "running", "high"]),
        ],
    )
    def test_all_criteria_must_match_exactly(
        self, world: World, graph: BehaviorGraph, criteria: dict[str, Any], expected: list[str]
    ) -> None:
        """Both ends of a period are included. Values are case-sensitive."""
        names = {
            _seed(world, graph, severity="HIGH"): "high",
            _seed(world, graph, status="RUNNING", created_at=NOON + MINUTE): "running",
            _seed(world, graph, state="ARCHIVED", entity_arn=USER, created_at=NOON + 2 * MINUTE): "archived",
        }
        assert [names[each] for each in _ids(_list(world, graph, FilterCriteria=criteria))] == expected


class TestActiveInvestigationsOnly:
    @pytest.mark.parametrize(
        ("criteria", "expected"),
        [({}, ["active"]), ({"State": {"Value": "ARCHIVED"}}, ["archived"]), ({"Severity": {"Value": "LOW"}}, [])],
    )
    def test_archived_ones_are_listed_on_demand(
        self, world: World, graph: BehaviorGraph, criteria: dict[str, Any], expected: list[str]
    ) -> None:
        """With the behavior `active_investigations_only`."""
        world.behavior = Behavior(active_investigations_only=True)
        names = {_seed(world, graph): "active", _seed(world, graph, state="ARCHIVED", severity="LOW"): "archived"}
        assert [names[each] for each in _ids(_list(world, graph, FilterCriteria=criteria))] == expected


class TestSortCriteria:
    @pytest.mark.parametrize(
        ("criteria", "expected"),
        [
            ({}, ["running", "lowest", "critical", "failed"]),
            ({"SortOrder": "ASC"}, ["failed", "critical", "lowest", "running"]),
            ({"Field": "CREATED_TIME"}, ["running", "lowest", "critical", "failed"]),
            ({"Field": "SEVERITY", "SortOrder": "DESC"}, ["critical", "lowest", "running", "failed"]),
            ({"Field": "SEVERITY", "SortOrder": "ASC"}, ["failed", "running", "lowest", "critical"]),
            ({"Field": "STATUS", "SortOrder": "ASC"}, ["failed", "running", "critical", "lowest"]),
            ({"Field": "STATUS", "SortOrder": "DESC"}, ["lowest", "critical", "running", "failed"]),
        ],
    )
    def test_every_field_sorts_in_both_orders(
        self, world: World, graph: BehaviorGraph, criteria: dict[str, str], expected: list[str]
    ) -> None:
        """By default, the newest comes first. The default order is descending."""
        endings = {
            "failed": {"status": "FAILED"},
            "critical": {"severity": "CRITICAL"},
            "lowest": {"severity": "INFORMATIONAL"},
            "running": {"status": "RUNNING"},
        }
        names = {
            _seed(world, graph, created_at=NOON + minutes * MINUTE, **ending): name
            for minutes, (name, ending) in enumerate(endings.items())
        }
        listed = _list(world, graph, SortCriteria=criteria)
        assert [names[each] for each in _ids(listed)] == expected

    def test_fields_match_the_service_model(self) -> None:
        """Each has a rule in `_sort_key`."""
        assert enum_values("Field") == ("SEVERITY", "STATUS", "CREATED_TIME")

    @pytest.mark.parametrize(("order", "expected"), [("ASC", [1, 2, 0]), ("DESC", [0, 2, 1])])
    def test_ties_are_sorted_by_age(self, world: World, graph: BehaviorGraph, order: str, expected: list[int]) -> None:
        """By time of creation, then in the order they were added. A descending order reverses ties, too."""
        identifiers = [_seed(world, graph, created_at=NOON + minutes * MINUTE) for minutes in (1, 0, 0)]
        listed = _list(world, graph, SortCriteria={"Field": "SEVERITY", "SortOrder": order})
        assert [identifiers.index(each) for each in _ids(listed)] == expected


class TestPages:
    @given(
        endings=st.lists(st.tuples(st.sampled_from(ENDINGS), st.integers(0, 3)), max_size=12),
        field=st.sampled_from(enum_values("Field")),
        order=st.sampled_from(["ASC", "DESC"]),
        limit=st.integers(1, 5),
    )
    def test_pages_of_any_size_return_each_row_once_in_order(
        self, endings: list[tuple[dict[str, str], int]], field: str, order: str, limit: int
    ) -> None:
        """Paging works for every sort order and any number of ties."""
        world = a_world(timings=Timings(investigation=HOUR))
        graph = a_graph(world)
        identifiers = {_seed(world, graph, created_at=NOON + at * MINUTE, **ending) for ending, at in endings}
        sorting: Any = {"SortCriteria": {"Field": field, "SortOrder": order}}
        pages = [_list(world, graph, MaxResults=limit, **sorting)]
        while "NextToken" in pages[-1]:
            pages.append(_list(world, graph, MaxResults=limit, NextToken=pages[-1]["NextToken"], **sorting))
        walked = [identifier for page in pages for identifier in _ids(page)]
        assert walked == _ids(_list(world, graph, **sorting))
        assert sorted(walked) == sorted(identifiers)

    @pytest.mark.parametrize("criteria", [{}, {"Field": "SEVERITY"}, {"Field": "STATUS", "SortOrder": "ASC"}])
    def test_paging_returns_each_once_while_others_start(
        self, world: World, graph: BehaviorGraph, criteria: dict[str, str]
    ) -> None:
        """Investigations that existed on the first page are neither skipped nor repeated."""
        before = {_seed(world, graph, severity=severity) for severity in ("LOW", "HIGH", "LOW", "CRITICAL", "HIGH")}
        page = _list(world, graph, SortCriteria=criteria, MaxResults=2)
        walked = _ids(page)
        while "NextToken" in page and len(walked) < 100:
            _seed(world, graph, severity="MEDIUM", created_at=NOON - HOUR if len(walked) < 4 else NOON)
            page = _list(world, graph, SortCriteria=criteria, MaxResults=2, NextToken=page["NextToken"])
            walked += _ids(page)
        assert len(walked) == len(set(walked))
        assert before <= set(walked)

    def test_finishing_between_pages_does_not_change_the_default_order(
        self, world: World, graph: BehaviorGraph
    ) -> None:
        """The default order does not depend on the outcome of an investigation."""
        started = [_start(world, graph) for _ in range(4)]
        first = _list(world, graph, MaxResults=2)
        run_due_events(world, NOON + HOUR)
        second = _list(world, graph, MaxResults=2, NextToken=first["NextToken"])
        assert _ids(first) + _ids(second) == started[::-1]
        assert "NextToken" not in second

    def test_a_page_has_50_entries_by_default(self, world: World, graph: BehaviorGraph) -> None:
        """MaxResults allows up to 100."""
        for _ in range(51):
            _seed(world, graph)
        assert len(_ids(_list(world, graph))) == 50
        assert len(_ids(_list(world, graph, MaxResults=100))) == 51

    def test_a_token_is_valid_for_one_day(self, world: World, graph: BehaviorGraph) -> None:
        """After one day on the fake's clock, the token is rejected."""
        token = _token(world, graph)
        assert _ids(_list(world, graph, at=NOON + DAY, MaxResults=1, NextToken=token))
        with pytest.raises(ValidationFailed, match=r"ListInvestigationsRequest\.NextToken has expired"):
            _list(world, graph, at=NOON + DAY + MINUTE, MaxResults=1, NextToken=token)

    def test_max_results_may_change_between_pages(self, world: World, graph: BehaviorGraph) -> None:
        """A token does not depend on MaxResults."""
        token = _token(world, graph)
        assert len(_ids(_list(world, graph, MaxResults=100, NextToken=token))) == 2

    @pytest.mark.parametrize(
        "changed", [{"FilterCriteria": {"State": {"Value": "ACTIVE"}}}, {"SortCriteria": {"Field": "STATUS"}}]
    )
    def test_a_token_is_rejected_if_arguments_change(
        self, world: World, graph: BehaviorGraph, changed: dict[str, Any]
    ) -> None:
        """Filters and order must stay the same for all pages."""
        token = _token(world, graph)
        with pytest.raises(ValidationFailed, match="NextToken is not one that was given out for these arguments"):
            _list(world, graph, NextToken=token, **changed)


class TestListIndicators:
    def test_every_kind_matches_the_service_model(self, world: World, graph: BehaviorGraph) -> None:
        """Each indicator has its type, then one detail with every member that the service model lists for it."""
        identifier = _seed(world, graph, indicators=EVERY_KIND)
        indicators = _indicators(world, graph, identifier)["Indicators"]
        assert [each["IndicatorType"] for each in indicators] == [kind.value for kind in INDICATORS]
        details = service_model().shape_for("IndicatorDetail").members  # type: ignore[attr-defined]
        written_names = {name: list(detail) for each in indicators for name, detail in each["IndicatorDetail"].items()}
        assert written_names == {name: list(shape.members) for name, shape in details.items()}

    def test_the_detail_has_the_values_of_the_indicator(self, world: World, graph: BehaviorGraph) -> None:
        """Each value appears under its name in the API."""
        identifier = _seed(world, graph, indicators=EVERY_KIND[:1])
        [indicator] = _indicators(world, graph, identifier)["Indicators"]
        assert indicator["IndicatorDetail"]["TTPsObservedDetail"] == {
            "Tactic": "Persistence",
            "Technique": "IAM Password Policy Manipulation",
            "Procedure": "Change Account Password Policy",
            "IpAddress": "192.0.2.1",
            "APIName": "iam:UpdateAccountPasswordPolicy",
            "APISuccessCount": 2,
            "APIFailureCount": 1,
        }

    def test_unknown_values_are_left_out(self, world: World, graph: BehaviorGraph) -> None:
        """Real reports leave out technique and procedure for most tactics."""
        identifier = _seed(world, graph, indicators=[TTPObserved(tactic="Impact")])
        [indicator] = _indicators(world, graph, identifier)["Indicators"]
        detail = {"Tactic": "Impact", "APISuccessCount": 0, "APIFailureCount": 0}
        assert indicator["IndicatorDetail"] == {"TTPsObservedDetail": detail}

    def test_indicators_can_be_filtered_by_type(self, world: World, graph: BehaviorGraph) -> None:
        """Other types are left out, and the order stays."""
        identifier = _seed(world, graph, indicators=[NewAso(aso="B"), *EVERY_KIND, NewAso(aso="A")])
        found = _indicators(world, graph, identifier, IndicatorType="NEW_ASO")["Indicators"]
        assert [each["IndicatorDetail"]["NewAsoDetail"]["Aso"] for each in found] == ["B", "AMAZON-02", "A"]

    def test_a_running_investigation_has_no_indicators(self, world: World, graph: BehaviorGraph) -> None:
        """The prepared indicators appear when the investigation succeeds."""
        investigations.prepare(world, graph, ROLE, indicators=EVERY_KIND)
        identifier = _start(world, graph)
        assert _indicators(world, graph, identifier)["Indicators"] == []
        run_due_events(world, NOON + HOUR)
        assert len(_indicators(world, graph, identifier)["Indicators"]) == 8

    def test_paging_returns_each_indicator_once(self, world: World, graph: BehaviorGraph) -> None:
        """NextToken comes before Indicators, as in the service model."""
        identifier = _seed(world, graph, indicators=EVERY_KIND)
        first = _indicators(world, graph, identifier, MaxResults=5)
        assert list(first) == ["GraphArn", "InvestigationId", "NextToken", "Indicators"]
        second = _indicators(world, graph, identifier, NextToken=first["NextToken"])
        assert list(second) == ["GraphArn", "InvestigationId", "Indicators"]
        assert [each["IndicatorType"] for each in first["Indicators"] + second["Indicators"]] == list(INDICATORS)

    def test_a_full_last_page_has_no_token(self, world: World, graph: BehaviorGraph) -> None:
        """No token leads to an empty page."""
        identifier = _seed(world, graph, indicators=EVERY_KIND)
        assert "NextToken" not in _indicators(world, graph, identifier, MaxResults=8)

    def test_a_token_is_valid_for_one_day(self, world: World, graph: BehaviorGraph) -> None:
        """After one day on the fake's clock, the token is rejected."""
        identifier = _seed(world, graph, indicators=EVERY_KIND)
        token = _indicators(world, graph, identifier, MaxResults=5)["NextToken"]
        with pytest.raises(ValidationFailed, match=r"ListIndicatorsRequest\.NextToken has expired"):
            _indicators(world, graph, identifier, at=NOON + DAY + MINUTE, NextToken=token)

    def test_an_unknown_investigation_is_not_found(self, world: World, graph: BehaviorGraph) -> None:
        """An error is returned, because an empty list would hide the mistake."""
        with pytest.raises(ResourceNotFound):
            _indicators(world, graph, NEVER)


class TestUpdateInvestigationState:
    def test_the_state_can_change_both_ways(self, world: World, graph: BehaviorGraph) -> None:
        """An investigation can be archived and made active again."""
        identifier = _seed(world, graph)
        states = []
        for state in ("ARCHIVED", "ACTIVE"):
            assert _update(world, graph, identifier, state) == {}
            states.append(_get(world, graph, identifier)["State"])
        assert states == ["ARCHIVED", "ACTIVE"]

    def test_setting_the_current_state_changes_nothing(self, world: World, graph: BehaviorGraph) -> None:
        """The call succeeds if the state is already set."""
        identifier = _seed(world, graph)
        before = world.copy()
        _update(world, graph, identifier, "ACTIVE")
        assert world.copy() == before

    def test_an_unknown_investigation_is_not_found(self, world: World, graph: BehaviorGraph) -> None:
        """The state of an investigation that does not exist cannot be set."""
        with pytest.raises(ResourceNotFound):
            _update(world, graph, NEVER, "ARCHIVED")


def _start(world: World, graph: BehaviorGraph, **given: Any) -> str:
    call = a_call(world, "StartInvestigation", **{"GraphArn": graph.arn, "EntityArn": ROLE, **SCOPE, **given})
    identifier: str = answer(call)["InvestigationId"]
    return identifier


def _seed(world: World, graph: BehaviorGraph, *, entity_arn: str = ROLE, **given: Any) -> str:
    return investigations.add(world, graph, entity_arn, at=NOON, **given).investigation_id


def _get(world: World, graph: BehaviorGraph, investigation_id: str) -> dict[str, Any]:
    return answer(a_call(world, "GetInvestigation", GraphArn=graph.arn, InvestigationId=investigation_id))


def _list(world: World, graph: BehaviorGraph, **given: Any) -> dict[str, Any]:
    return answer(a_call(world, "ListInvestigations", GraphArn=graph.arn, **given))


def _ids(listed: dict[str, Any]) -> list[str]:
    return [each["InvestigationId"] for each in listed["InvestigationDetails"]]


def _token(world: World, graph: BehaviorGraph) -> str:
    """Start three investigations. Return the token that follows a first page of one."""
    for _ in range(3):
        _seed(world, graph)
    token: str = _list(world, graph, MaxResults=1)["NextToken"]
    return token


def _indicators(world: World, graph: BehaviorGraph, investigation_id: str, **given: Any) -> dict[str, Any]:
    return answer(a_call(world, "ListIndicators", GraphArn=graph.arn, InvestigationId=investigation_id, **given))


def _update(world: World, graph: BehaviorGraph, investigation_id: str, state: str) -> dict[str, Any]:
    return answer(
        a_call(world, "UpdateInvestigationState", GraphArn=graph.arn, InvestigationId=investigation_id, State=state)
    )


class TestClockTime:
    @pytest.mark.parametrize(("microsecond", "cut"), [(0, 0), (999, 0), (1_000, 1_000), (999_999, 999_000)])
    def test_times_are_truncated_to_milliseconds(self, world: World, microsecond: int, cut: int) -> None:
        """Microseconds are dropped, not rounded."""
        found = clock_time(a_call(world, "StartInvestigation"), NOON.replace(microsecond=microsecond))
        assert found == NOON.replace(microsecond=cut)
