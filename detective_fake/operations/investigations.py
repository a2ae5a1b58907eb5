"""Investigations of IAM users and roles in a behavior graph, for its administrator."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import attrs

from detective_fake.domain import investigations
from detective_fake.domain.investigations import Severity, State, Status, entity_type_of
from detective_fake.errors import ResourceNotFound, ValidationFailed
from detective_fake.exchange import Deferred
from detective_fake.operations.call import administered_graph, cut_page, page_position

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.indicators import Indicator
    from detective_fake.domain.investigations import Investigation
    from detective_fake.exchange import Body
    from detective_fake.operations.call import Call

_FILTERED: Final = {"Severity": "severity", "Status": "status", "State": "state", "EntityArn": "entity_arn"}
"""Each `StringFilter` of `FilterCriteria` with the attribute that must be equal to its value. Enums are strings."""


def start_investigation(call: Call) -> Body:
    """Start another investigation on each call. The scope may end in the future (observed).

    Raises:
        ValidationFailed: The entity is not an IAM user or role, or the scope does not end after it starts (inferences).
    Source: service model, `StartInvestigation`.
    """
    entity_arn = call.parameters["EntityArn"]
    if entity_type_of(entity_arn) is None:
        raise ValidationFailed(
            f"{call.operation}Request.EntityArn must be the ARN of an IAM user or role. Found {entity_arn}."
        )
    scope_start = clock_time(call, call.parameters["ScopeStartTime"])
    scope_end = clock_time(call, call.parameters["ScopeEndTime"])
    if scope_end <= scope_start:
        raise ValidationFailed(
            f"{call.operation}Request.ScopeEndTime must be later than ScopeStartTime. "
            f"Found {scope_end.isoformat()}, and {scope_start.isoformat()}."
        )
    graph = administered_graph(call)
    started = investigations.add(
        call.world, graph, entity_arn, at=call.at, scope_start=scope_start, scope_end=scope_end, status=Status.RUNNING
    )
    return {"InvestigationId": started.investigation_id}


def get_investigation(call: Call) -> Body:
    """Return one investigation. While it runs it has no severity (an inference: the findings determine it).

    Raises:
        ResourceNotFound: The graph has no investigation with this ID.
    Source: service model, `GetInvestigation`.
    """
    graph, found = _investigation(call)
    body: Body = {
        "GraphArn": graph.arn,
        "InvestigationId": found.investigation_id,
        "EntityArn": found.entity_arn,
        "EntityType": found.entity_type.value,
        "CreatedTime": found.created_at,
        "ScopeStartTime": found.scope_start,
        "ScopeEndTime": found.scope_end,
        "Status": found.status.value,
    }
    if found.severity is not None:
        body["Severity"] = found.severity.value
    body["State"] = found.state.value
    return body


def list_investigations(call: Call) -> Body:
    """List a graph's investigations, including archived ones, by default the newest first.

    With the behavior `active_investigations_only`, archived ones are listed only if the filter asks for them.

    A token holds the sort key of the last investigation on the page, so new investigations do not shift pages. An
    investigation that finishes between two pages may appear twice or not at all when sorted by severity or status.

    Raises:
        ValidationFailed: The token has expired or belongs to other arguments.
    Source: service model, `ListInvestigations`. That all criteria must match, and the order, are inferences.
    """
    graph = administered_graph(call)
    criteria = call.parameters.get("SortCriteria", {})
    filters = call.parameters.get("FilterCriteria", {})
    if call.world.behavior.active_investigations_only:
        filters = {"State": {"Value": State.ACTIVE}, **filters}
    field = criteria.get("Field", "CREATED_TIME")
    descending = criteria.get("SortOrder", "DESC") == "DESC"
    position = page_position(call, call.world.quotas.investigation_token_lifetime)
    found = [each for each in call.world.investigations[graph.arn].values() if _matches(each, filters)]
    rows = [(_sort_key(field, each), each) for each in found]
    if position is not None:
        last = _parse_key(position)
        rows = [(key, each) for key, each in rows if (key < last if descending else key > last)]
    rows.sort(reverse=descending)
    page, token = cut_page(call, rows, call.world.quotas.investigations_page, lambda row: _format_key(row[0]))
    return {"InvestigationDetails": Deferred(_write_investigations, ([each for _, each in page],)), **token}


def list_indicators(call: Call) -> Body:
    """List the findings of an investigation, in order. Only a successful one has any (an inference).

    Raises:
        ResourceNotFound: The graph has no investigation with this ID.
        ValidationFailed: The token has expired or belongs to other arguments.
    Source: service model, `ListIndicators`.
    """
    graph, investigation = _investigation(call)
    start = int(page_position(call, call.world.quotas.investigation_token_lifetime) or 0)
    wanted = call.parameters.get("IndicatorType")
    found = [each for each in investigation.indicators if wanted is None or each.indicator_type == wanted]
    numbered = list(enumerate(found, 1))[start:]
    page, token = cut_page(call, numbered, call.world.quotas.investigations_page, lambda row: row[0])
    body: Body = {"GraphArn": graph.arn, "InvestigationId": investigation.investigation_id, **token}
    body["Indicators"] = Deferred(_write_indicators, ([each for _, each in page],))
    return body


def update_investigation_state(call: Call) -> Body:
    """Archive an investigation or make it active again. Setting the present state succeeds (inferences).

    Raises:
        ResourceNotFound: The graph has no investigation with this ID.
    Source: service model, `UpdateInvestigationState`.
    """
    graph, investigation = _investigation(call)
    call.world.put_investigation(graph.arn, attrs.evolve(investigation, state=State(call.parameters["State"])))
    return {}


def clock_time(call: Call, at: datetime) -> datetime:
    """Return a time from the parameters as responses have it: in the clock's zone, with whole milliseconds."""
    return at.astimezone(call.at.tzinfo).replace(microsecond=at.microsecond // 1000 * 1000)


def _investigation(call: Call) -> tuple[BehaviorGraph, Investigation]:
    graph = administered_graph(call)
    investigation = call.world.investigation(graph.arn, call.parameters["InvestigationId"])
    if investigation is None:
        raise ResourceNotFound
    return graph, investigation


def _matches(investigation: Investigation, criteria: Mapping[str, Any]) -> bool:
    created = criteria.get("CreatedTime")
    if created and not created["StartInclusive"] <= investigation.created_at <= created["EndInclusive"]:
        return False
    wanted = {_FILTERED[name]: each["Value"] for name, each in criteria.items() if name in _FILTERED}
    return all(getattr(investigation, attribute) == value for attribute, value in wanted.items())


_SortKey = tuple[int, datetime, int]
"""The place of an investigation in an order: rank, time of creation, number."""


def _sort_key(field: str, investigation: Investigation) -> _SortKey:
    """Return the place of an investigation when sorted by this field.

    Severities sort by rank, investigations without one first. Statuses sort alphabetically. Equal ones sort by age.
    Source: inference. The names of severities imply an order, those of statuses do not.
    """
    rank = 0
    if field == "SEVERITY" and investigation.severity is not None:
        rank = 1 + list(Severity).index(investigation.severity)
    elif field == "STATUS":
        rank = sorted(Status).index(investigation.status)
    return rank, investigation.created_at, investigation.number


def _format_key(key: _SortKey) -> str:
    rank, created_at, number = key
    return f"{rank} {number} {created_at.isoformat()}"


def _parse_key(position: str) -> _SortKey:
    rank, number, created_at = position.split()
    return int(rank), datetime.fromisoformat(created_at), int(number)


def _write_investigations(page: Sequence[Investigation]) -> list[dict[str, Any]]:
    details = []
    for investigation in page:
        detail: dict[str, Any] = {"InvestigationId": investigation.investigation_id}
        if investigation.severity is not None:
            detail["Severity"] = investigation.severity.value
        detail["Status"] = investigation.status.value
        detail["State"] = investigation.state.value
        detail["CreatedTime"] = investigation.created_at
        detail["EntityArn"] = investigation.entity_arn
        detail["EntityType"] = investigation.entity_type.value
        details.append(detail)
    return details


_IRREGULAR: Final = {
    "api_name": "APIName",
    "api_success_count": "APISuccessCount",
    "api_failure_count": "APIFailureCount",
}
"""Wire names that do not follow from the attribute's name."""


def _wire_name(attribute: str) -> str:
    return _IRREGULAR.get(attribute) or "".join(word.capitalize() for word in attribute.split("_"))


def _write_indicators(found: Sequence[Indicator]) -> list[dict[str, Any]]:
    indicators = []
    for indicator in found:
        kind = type(indicator)
        name = "TTPsObservedDetail" if kind.__name__ == "TTPObserved" else f"{kind.__name__}Detail"
        values = ((_wire_name(field.name), getattr(indicator, field.name)) for field in attrs.fields(kind))
        detail = {wire_name: value for wire_name, value in values if value is not None}
        indicators.append({"IndicatorType": indicator.indicator_type.value, "IndicatorDetail": {name: detail}})
    return indicators
