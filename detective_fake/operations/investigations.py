"""Investigations of IAM users and roles in a behavior graph, for its administrator."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import attrs

from detective_fake.domain import investigations
from detective_fake.domain.indicators import INDICATORS, IndicatorType
from detective_fake.domain.investigation_table import SortField, sort_key
from detective_fake.domain.investigations import State
from detective_fake.errors import ResourceNotFound, ValidationFailed
from detective_fake.exchange import Deferred
from detective_fake.operations import pages
from detective_fake.operations.call import administered_graph, on_clock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.indicators import Indicator
    from detective_fake.domain.investigation_table import SortKey
    from detective_fake.domain.investigations import Investigation
    from detective_fake.exchange import Body
    from detective_fake.operations.call import Call

__all__ = [
    "get_investigation",
    "list_indicators",
    "list_investigations",
    "start_investigation",
    "update_investigation_state",
]

_FILTERED: Final[Mapping[str, Callable[[Investigation], str | None]]] = {
    "Severity": lambda investigation: investigation.severity,
    "Status": lambda investigation: investigation.status,
    "State": lambda investigation: investigation.state,
    "EntityArn": lambda investigation: investigation.entity_arn,
}
"""What a `StringFilter` of `FilterCriteria` is held against, exactly; the enums are strings."""


def start_investigation(call: Call) -> Body:
    """Start an investigation; another one on each call. An end of the scope in the future is accepted (observed).

    Raises:
        ValidationFailed: The entity is no IAM user or role, or the scope does not end after it starts (inferences).
    Source: service model, `StartInvestigation`.
    """
    entity_arn = call.parameters["EntityArn"]
    if investigations.entity_type_of(entity_arn) is None:
        message = f"{call.operation}Request.EntityArn must be the ARN of an IAM user or role. Found {entity_arn}."
        raise ValidationFailed(message)
    scope_start = on_clock(call, call.parameters["ScopeStartTime"])
    scope_end = on_clock(call, call.parameters["ScopeEndTime"])
    if scope_end <= scope_start:
        message = (
            f"{call.operation}Request.ScopeEndTime must be later than ScopeStartTime. "
            f"Found {scope_end.isoformat()}, and {scope_start.isoformat()}."
        )
        raise ValidationFailed(message)
    graph = administered_graph(call)
    started = investigations.start(
        call.world, graph, entity_arn, scope_start=scope_start, scope_end=scope_end, at=call.at
    )
    return {"InvestigationId": started.investigation_id}


def get_investigation(call: Call) -> Body:
    """Return one investigation; while it runs it has no severity (an inference: that comes of what is found).

    Raises:
        ResourceNotFound: There is none of this id in this graph.
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
    """List a graph's investigations, archived ones included: the newest first unless another order is asked for.

    Tokens hold the place of the last one in the order, so that one that is started meanwhile shifts nothing; only what
    changes its own place (sorted by severity or status, when it finishes) may be met twice, or not at all.

    Raises:
        ValidationFailed: The token has expired, or was given out for other arguments.
    Source: service model, `ListInvestigations`; that all criteria must match, and the order, are inferences.
    """
    graph = administered_graph(call)
    criteria = call.parameters.get("SortCriteria", {})
    field = SortField(criteria.get("Field", SortField.CREATED_TIME))
    position = pages.position(call, call.world.quotas.investigation_token_lifetime)
    page, more = call.world.investigations_of(graph.arn).page(
        field,
        descending=criteria.get("SortOrder", "DESC") == "DESC",
        after=None if position is None else _key_at(position),
        limit=pages.limit(call, call.world.quotas.investigations_page),
        matches=_matcher(call.parameters.get("FilterCriteria", {})),
    )
    body: Body = {"InvestigationDetails": Deferred(_investigation_details, (page,))}
    if more:
        body[pages.NEXT_TOKEN] = pages.next_token(call, _position_of(sort_key(field, page[-1])))
    return body


def list_indicators(call: Call) -> Body:
    """List what an investigation found, in the order found: nothing unless it was successful (an inference).

    Raises:
        ResourceNotFound: There is none of this id in this graph.
        ValidationFailed: The token has expired, or was given out for other arguments.
    Source: service model, `ListIndicators`.
    """
    graph, investigation = _investigation(call)
    start = int(pages.position(call, call.world.quotas.investigation_token_lifetime) or 0)
    size = pages.limit(call, call.world.quotas.investigations_page)
    wanted = call.parameters.get("IndicatorType")
    found = [each for each in investigation.indicators if wanted is None or each.indicator_type == wanted]
    end = start + size
    body: Body = {"GraphArn": graph.arn, "InvestigationId": investigation.investigation_id}
    if end < len(found):
        body[pages.NEXT_TOKEN] = pages.next_token(call, end)
    body["Indicators"] = Deferred(_indicators, (found[start:end],))
    return body


def update_investigation_state(call: Call) -> Body:
    """Archive an investigation, or make it active again; the state it has already changes nothing (inferences).

    Raises:
        ResourceNotFound: There is none of this id in this graph.
    Source: service model, `UpdateInvestigationState`.
    """
    graph, investigation = _investigation(call)
    investigations.set_state(call.world, graph, investigation, State(call.parameters["State"]))
    return {}


def _investigation(call: Call) -> tuple[BehaviorGraph, Investigation]:
    graph = administered_graph(call)
    investigation = call.world.investigation(graph.arn, call.parameters["InvestigationId"])
    if investigation is None:
        raise ResourceNotFound
    return graph, investigation


def _matcher(criteria: Mapping[str, Any]) -> Callable[[Investigation], bool]:
    exact = [(read, criteria[name]["Value"]) for name, read in _FILTERED.items() if name in criteria]
    created: Mapping[str, datetime] | None = criteria.get("CreatedTime")

    def matches(investigation: Investigation) -> bool:
        if created and not created["StartInclusive"] <= investigation.created_at <= created["EndInclusive"]:
            return False
        return all(read(investigation) == value for read, value in exact)

    return matches


def _position_of(key: SortKey) -> str:
    rank, created_at, number = key
    return f"{rank} {number} {created_at.isoformat()}"


def _key_at(position: str) -> SortKey:
    rank, number, created_at = position.split()
    return int(rank), datetime.fromisoformat(created_at), int(number)


def _investigation_details(page: Sequence[Investigation]) -> list[dict[str, Any]]:
    return [_investigation_detail(investigation) for investigation in page]


def _investigation_detail(investigation: Investigation) -> dict[str, Any]:
    detail: dict[str, Any] = {"InvestigationId": investigation.investigation_id}
    if investigation.severity is not None:
        detail["Severity"] = investigation.severity._value_
    detail["Status"] = investigation.status._value_
    detail["State"] = investigation.state._value_
    detail["CreatedTime"] = investigation.created_at
    detail["EntityArn"] = investigation.entity_arn
    detail["EntityType"] = investigation.entity_type._value_
    return detail


# Where a name of the service model is not made of the words of ours.
_IRREGULAR: Final = {
    "api_name": "APIName",
    "api_success_count": "APISuccessCount",
    "api_failure_count": "APIFailureCount",
}


def _member_name(words: str) -> str:
    return _IRREGULAR.get(words) or "".join(word.capitalize() for word in words.split("_"))


def _detail_name(kind: type[Indicator]) -> str:
    return "TTPsObservedDetail" if kind.indicator_type is IndicatorType.TTP_OBSERVED else f"{kind.__name__}Detail"


_MEMBERS: Final[Mapping[IndicatorType, tuple[str, tuple[tuple[str, str], ...]]]] = {
    indicator_type: (_detail_name(kind), tuple((field.name, _member_name(field.name)) for field in attrs.fields(kind)))
    for indicator_type, kind in INDICATORS.items()
}
"""Type -> the member of `IndicatorDetail`, and the names of its own members here and on the wire."""


def _indicators(found: Sequence[Indicator]) -> list[dict[str, Any]]:
    return [_indicator(indicator) for indicator in found]


def _indicator(indicator: Indicator) -> dict[str, Any]:
    name, members = _MEMBERS[indicator.indicator_type]
    values = ((wire_name, getattr(indicator, attribute)) for attribute, wire_name in members)
    detail = {wire_name: value for wire_name, value in values if value is not None}
    return {"IndicatorType": indicator.indicator_type._value_, "IndicatorDetail": {name: detail}}
