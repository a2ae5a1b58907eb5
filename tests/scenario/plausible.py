"""Scenarios at random that are valid under the JSON Schema, with few values for each kind, so that entries meet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from detective_fake.scenario.schema import schema

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["scenarios"]

_SCHEMA: Final = schema()
_ACCOUNTS: Final = ("111111111111", "222222222222", "333333333333")
_ARNS: Final = tuple(f"arn:aws:detective:us-east-1:{account}:graph:{'a' * 32}" for account in _ACCOUNTS)
_TIMES: Final = (
    *("2024-03-01T12:00:00Z", "2024-03-01T13:00:00.5+02:00") * 3,
    "1970-01-01T00:00:00Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
)
_TEXTS: Final = ("", "a@example.com", "b@example.com", "nobody", "aws:x", "arn:x", "\x00\x7f“”\\", _ARNS[0], *_ACCOUNTS)
_MATCHING: Final[Mapping[str, tuple[str, ...]]] = {
    "^[0-9]{12}$": _ACCOUNTS,
    "^[0-9]{21}$": ("1" * 21, "2" * 21),
    r"^o-[a-z0-9]{10,32}$": ("o-aaaaaaaaaa", "o-bbbbbbbbbb"),
    r"^[-\w]{2,20}$": ("us-east-1", "us-gov-west-1"),
    r"^arn:aws[-\w]{0,10}:detective:[-\w]{2,20}:[0-9]{12}:graph:[a-f0-9]{32}$": _ARNS,
    r"^arn:aws[-a-z]*:iam::[0-9]{12}:(user|role)/[!-~]+$": tuple(f"arn:aws:iam::{_ACCOUNTS[0]}:user/{x}" for x in "ab"),
}


def scenarios() -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for what scenario files may have, graphs above all."""
    keys = {name: _strategy(each) for name, each in _SCHEMA["properties"].items()}
    graphs = {"graphs": st.lists(_strategy(_SCHEMA["$defs"]["Graph"]), min_size=1, max_size=2)}
    organizations = {"organizations": st.lists(_strategy(_SCHEMA["$defs"]["Organization"]), max_size=1)}
    del keys["graphs"]
    return _strategy(_SCHEMA) | st.fixed_dictionaries(graphs, optional={**keys, **organizations})


def _strategy(kind: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    if "$ref" in kind:
        name = kind["$ref"].rpartition("/")[2]
        return st.deferred(lambda: _strategy(_SCHEMA["$defs"][name]))
    if "const" in kind:
        return st.just(kind["const"])
    if "enum" in kind:
        return st.sampled_from(kind["enum"])
    for alternatives in ("anyOf", "oneOf"):
        if alternatives in kind:
            return st.one_of([_strategy(each) for each in kind[alternatives]])
    return _OF_TYPE[kind["type"]](kind)


def _string(kind: Mapping[str, Any]) -> st.SearchStrategy[str]:
    values = _TIMES if kind.get("format") == "date-time" else _TEXTS
    return st.sampled_from(_MATCHING[kind["pattern"]] if "pattern" in kind else values)


def _integer(kind: Mapping[str, Any]) -> st.SearchStrategy[int]:
    least, most = kind["minimum"], kind.get("maximum", 10**18)
    # Not the very largest: there would be no number after it.
    return st.sampled_from([least, *(each for each in (1, 2, 10**9, 10**13, 2**62) if least <= each <= most)])


def _array(kind: Mapping[str, Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(_strategy(kind["items"]), max_size=3)


def _object(kind: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    if kind["additionalProperties"]:
        return st.dictionaries(st.sampled_from(_TEXTS), _strategy(kind["additionalProperties"]), max_size=2)
    members = {name: _strategy(each) for name, each in kind["properties"].items()}
    required = kind.get("required", [])
    optional = [name for name in members if name not in required]
    # Few keys at a time, as most of them contradict one another.
    least = kind.get("minProperties", 0)
    chosen = st.lists(st.sampled_from(optional), min_size=least, max_size=3, unique=True) if optional else st.just([])
    return chosen.flatmap(lambda names: st.fixed_dictionaries({name: members[name] for name in (*required, *names)}))


_OF_TYPE: Final[Mapping[str, Callable[[Mapping[str, Any]], st.SearchStrategy[Any]]]] = {
    "array": _array,
    "boolean": lambda _kind: st.booleans(),
    "integer": _integer,
    "object": _object,
    "string": _string,
}
