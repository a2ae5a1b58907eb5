"""Random scenarios that match the JSON Schema. Each key has few possible values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from detective_fake.scenario.schema import schema

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SCHEMA: Final = schema()
_ACCOUNTS: Final = ("111111111111", "222222222222", "333333333333")
_TIMES: Final = (
    *("2024-03-01T12:00:00Z", "2024-03-01T13:00:00.5+02:00") * 3,
    "1970-01-01T00:00:00Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
)
_TEXTS: Final = ("", "a@example.com", "nobody", "aws:x", "arn:x", "\x00\x7f“”\\", *_ACCOUNTS)
_ENTITIES: Final = tuple(f"arn:aws:iam::{_ACCOUNTS[0]}:user/{name}" for name in "ab")


def scenarios() -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for the content of scenario files. Most of them contain graphs."""
    keys = {name: _strategy(each) for name, each in _SCHEMA["properties"].items()}
    graphs = {"graph": st.lists(_strategy(_SCHEMA["$defs"]["graph"]), min_size=1, max_size=2)}
    organizations = {"organization": st.lists(_strategy(_SCHEMA["$defs"]["organization"]), max_size=1)}
    del keys["graph"]
    return _strategy(_SCHEMA) | st.fixed_dictionaries(graphs, optional={**keys, **organizations})


def _strategy(kind: Mapping[str, Any], name: str = "") -> st.SearchStrategy[Any]:
    if "$ref" in kind:
        return st.deferred(lambda: _strategy(_SCHEMA["$defs"][kind["$ref"].rpartition("/")[2]]))
    if "const" in kind:
        return st.just(kind["const"])
    if "enum" in kind:
        return st.sampled_from(kind["enum"])
    for alternatives in ("anyOf", "oneOf"):
        if alternatives in kind:
            return st.one_of([_strategy(each, name) for each in kind[alternatives]])
    if isinstance(kind["type"], list):
        return st.sampled_from([0, 90, 0.5, "1 hour 30 minutes", "2 days"])
    return _OF_TYPE[kind["type"]](kind, name)


def _string(kind: Mapping[str, Any], name: str) -> st.SearchStrategy[str]:
    if kind.get("format") == "date-time":
        return st.sampled_from(_TIMES)
    if name == "region":
        return st.sampled_from(["us-east-1", "us-gov-west-1"])
    if name == "entity_arn":
        return st.sampled_from(_ENTITIES)
    return st.sampled_from(_ACCOUNTS if name in {"members", "accounts"} or name.endswith("_id") else _TEXTS)


def _array(kind: Mapping[str, Any], name: str) -> st.SearchStrategy[list[Any]]:
    return st.lists(_strategy(kind["items"], name), max_size=3)


def _object(kind: Mapping[str, Any], name: str) -> st.SearchStrategy[dict[str, Any]]:
    if kind["additionalProperties"]:
        names = _strategy(kind["propertyNames"], name)
        return st.dictionaries(names, _strategy(kind["additionalProperties"], name), max_size=2)
    members = {name: _strategy(each, name) for name, each in kind["properties"].items()}
    required = kind.get("required", [])
    optional = [name for name in members if name not in required]
    # Few keys at a time, because most optional keys exclude one another.
    chosen = st.lists(st.sampled_from(optional), max_size=3, unique=True) if optional else st.just([])
    return chosen.flatmap(lambda names: st.fixed_dictionaries({name: members[name] for name in (*required, *names)}))


_OF_TYPE: Final[Mapping[str, Callable[[Mapping[str, Any], str], st.SearchStrategy[Any]]]] = {
    "array": _array,
    "boolean": lambda _kind, _name: st.booleans(),
    "integer": lambda _kind, _name: st.sampled_from([0, 1, 2, 10**9, 10**13, 2**62]),
    "null": lambda _kind, _name: st.none(),
    "object": _object,
    "string": _string,
}
