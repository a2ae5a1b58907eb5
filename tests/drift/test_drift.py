"""The report about a changed service model: a line for each difference, and an exit status."""

from __future__ import annotations

import copy
import runpy
import sys
from typing import TYPE_CHECKING, Any

import botocore
import pytest

from detective_fake.operations.registry import HANDLERS
from detective_fake.protocol.model import loader
from tests.drift.__main__ import RECORD, main, read, write
from tests.drift.differences import differences
from tests.drift.digest import SERVICE, digest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Model = dict[str, Any]

MODEL: Model = {
    "metadata": {"apiVersion": "2018-10-26", "endpointPrefix": "api.detective", "protocol": "rest-json"},
    "operations": {
        "TagGraph": {
            "name": "TagGraph",
            "http": {"method": "POST", "requestUri": "/tags/{Arn}"},
            "input": {"shape": "TagGraphRequest"},
            "output": {"shape": "TagGraphResponse"},
            "errors": [{"shape": "ConflictException"}],
            "documentation": "Tags a graph.",
        },
        "Ping": {"name": "Ping", "http": {"method": "GET", "requestUri": "/ping", "responseCode": 204}},
    },
    "shapes": {
        "TagGraphRequest": {
            "type": "structure",
            "required": ["Arn"],
            "members": {
                "Arn": {"shape": "Arn", "location": "uri", "locationName": "Arn"},
                "Tags": {"shape": "TagMap", "documentation": "The tags."},
            },
        },
        "TagGraphResponse": {"type": "structure", "members": {"States": {"shape": "StateList"}}},
        "Arn": {"type": "string", "pattern": "^arn:"},
        "TagMap": {"type": "map", "key": {"shape": "Key"}, "value": {"shape": "Value"}, "max": 50},
        "Key": {"type": "string", "min": 1},
        "Value": {"type": "string"},
        "StateList": {"type": "list", "member": {"shape": "State"}},
        "State": {"type": "string", "enum": ["ON", "OFF"]},
        "ConflictException": {
            "type": "structure",
            "members": {"Message": {"shape": "Value"}},
            "error": {"httpStatusCode": 409},
            "exception": True,
        },
    },
}


def at(model: Model, path: str) -> Model:
    for name in path.split("/"):
        model = model[name]
    return model


def with_(path: str, **values: Any) -> Callable[[Model], None]:
    return lambda model: at(model, path).update(values)


def without(path: str, name: str) -> Callable[[Model], None]:
    return lambda model: at(model, path).pop(name)


def both(*changes: Callable[[Model], None]) -> Callable[[Model], None]:
    def change(model: Model) -> None:
        for each in changes:
            each(model)

    return change


GET = {"method": "GET", "requestUri": "/graph"}
CHANGES: list[tuple[Callable[[Model], None], list[str]]] = [
    (with_("metadata", protocol="smithy"), ["Detective: protocol rest-json -> smithy"]),
    (
        with_("operations", GetGraph={"name": "GetGraph", "http": GET, "errors": [{"shape": "ConflictException"}]}),
        ["GetGraph: appeared (method GET, requestUri /graph, errors ConflictException)"],
    ),
    (without("operations", "Ping"), ["Ping: went"]),
    (with_("operations/Ping/http", method="PUT"), ["Ping: method GET -> PUT"]),
    (with_("operations/Ping/http", requestUri="/pong"), ["Ping: requestUri /ping -> /pong"]),
    (with_("operations/Ping/http", responseCode=200), ["Ping: responseCode 204 -> 200"]),
    (with_("operations/Ping", deprecated=True), ["Ping: deprecated appeared"]),
    (with_("operations/Ping", errors=[{"shape": "ConflictException"}]), ["Ping: error ConflictException appeared"]),
    (with_("operations/TagGraph", errors=[]), ["TagGraph: error ConflictException went"]),
    (
        without("operations/TagGraph", "output"),
        ["TagGraph().States: went", "TagGraph().States[]: went"],
    ),
    (
        with_("shapes/TagGraphRequest/members", Note={"shape": "Key"}),
        ["TagGraph.Note: appeared (type string, min 1, shape Key)"],
    ),
    (without("shapes/TagGraphRequest/members", "Arn"), ["TagGraph.Arn: went"]),
    (with_("shapes/TagGraphRequest", required=["Arn", "Tags"]), ["TagGraph.Tags: required appeared"]),
    (with_("shapes/TagGraphRequest", required=[]), ["TagGraph.Arn: required went"]),
    (with_("shapes/TagGraphRequest/members/Tags", deprecated=True), ["TagGraph.Tags: deprecated appeared"]),
    (
        with_("shapes/TagGraphRequest/members", Arn={"shape": "Arn", "location": "querystring", "locationName": "arn"}),
        ["TagGraph.Arn: location uri -> querystring", "TagGraph.Arn: locationName Arn -> arn"],
    ),
    (with_("shapes/Arn", pattern="^arn:aws:"), ["TagGraph.Arn: pattern ^arn: -> ^arn:aws:"]),
    (with_("shapes/TagMap", max=100), ["TagGraph.Tags: max 50 -> 100"]),
    (without("shapes/TagMap", "max"), ["TagGraph.Tags: max 50 went"]),
    (with_("shapes/Key", max=128), ["TagGraph.Tags{key}: max 128 appeared"]),
    (with_("shapes/State", enum=["ON", "OFF", "PAUSED"]), ["TagGraph().States[]: value PAUSED appeared"]),
    (with_("shapes/State", enum=["ON"]), ["TagGraph().States[]: value OFF went"]),
    (
        with_("shapes/Value", type="blob"),
        ["TagGraph.Tags{value}: type string -> blob", "ConflictException.Message: type string -> blob"],
    ),
    (
        with_("shapes/TagMap", value={"shape": "Key"}),
        ["TagGraph.Tags{value}: shape Value -> Key", "TagGraph.Tags{value}: min 1 appeared"],
    ),
    (
        with_("shapes", GoneException={"type": "structure", "error": {"httpStatusCode": 410}, "exception": True}),
        ["GoneException: appeared (httpStatusCode 410)"],
    ),
    (
        both(without("shapes", "ConflictException"), with_("operations/TagGraph", errors=[])),
        [
            "TagGraph: error ConflictException went",
            "ConflictException: went",
            "ConflictException.Message: went",
        ],
    ),
    (
        with_("shapes/ConflictException", error={"httpStatusCode": 400}),
        ["ConflictException: httpStatusCode 409 -> 400"],
    ),
]


def altered(change: Callable[[Model], None]) -> Model:
    model = copy.deepcopy(MODEL)
    change(model)
    return model


class TestDifferences:
    @pytest.mark.parametrize(("change", "lines"), CHANGES, ids=[lines[0] for _, lines in CHANGES])
    def test_each_kind_has_its_line(self, change: Callable[[Model], None], lines: list[str]) -> None:
        """It names the place as a caller meets it, and what was and is."""
        assert differences(digest(MODEL), digest(altered(change))) == lines

    @pytest.mark.parametrize(
        "change",
        [
            with_("operations/TagGraph", documentation="Puts tags on a graph."),
            with_("shapes/TagGraphRequest/members/Tags", documentation="Up to 50."),
            with_("shapes", Unused={"type": "string"}),
            with_("shapes/State", enum=["OFF", "ON"]),
        ],
        ids=["prose", "a member's prose", "a shape that nothing uses", "the order of values"],
    )
    def test_what_no_call_meets_is_none(self, change: Callable[[Model], None]) -> None:
        """A maintainer is not called for a comma."""
        assert differences(digest(MODEL), digest(altered(change))) == []


class TestRecord:
    def test_has_the_operations_that_are_answered(self) -> None:
        """And no others, so that a new one is not recorded before it is answered."""
        _, model = read(RECORD)
        assert [place for place, facts in model.items() if "requestUri" in facts] == list(HANDLERS)

    def test_is_read_as_it_was_written(self, tmp_path: Path) -> None:
        """Nothing of a digest is lost in the file."""
        write(tmp_path / "record.json", "1.2.3", digest(MODEL))
        assert read(tmp_path / "record.json") == ("1.2.3", digest(MODEL))


class TestCommand:
    @pytest.fixture(autouse=True)
    def installed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(loader(), "load_service_model", lambda *_: MODEL)
        monkeypatch.setattr(botocore, "__version__", "2.0")

    @pytest.fixture
    def record(self, tmp_path: Path) -> Path:
        path = tmp_path / "record.json"
        write(path, "1.0", digest(MODEL))
        return path

    def test_no_difference_is_success(self, record: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A session of nox passes."""
        assert main([], record) == 0
        assert capsys.readouterr().out == "No difference from botocore 1.0 to 2.0.\n"

    def test_differences_are_told_and_are_a_failure(self, record: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Until a maintainer renews the record."""
        write(record, "1.0", digest(altered(with_("shapes/TagMap", max=40))))
        assert main([], record) == 1
        assert capsys.readouterr().out == ("TagGraph.Tags: max 40 -> 50\n1 difference from botocore 1.0 to 2.0.\n")

    def test_they_are_counted(self, record: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """In the last line, which a log shows first."""
        write(record, "1.0", {SERVICE: digest(MODEL)[SERVICE]})
        main([], record)
        assert capsys.readouterr().out.splitlines()[-1] == "10 differences from botocore 1.0 to 2.0."

    def test_renewing_records_what_is_installed(self, record: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """The differences are told for the last time."""
        write(record, "1.0", {})
        assert main(["--renew"], record) == 0
        assert "Ping: appeared (method GET, requestUri /ping, responseCode 204)\n" in capsys.readouterr().out
        assert read(record) == ("2.0", digest(MODEL))

    def test_it_is_run_as_a_module(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """As `nox -s drift` does; its exit status is the session's."""
        monkeypatch.setattr(sys, "argv", ["tests.drift"])
        with pytest.raises(SystemExit) as ended, pytest.warns(RuntimeWarning, match="sys.modules"):
            runpy.run_module("tests.drift", run_name="__main__")
        assert ended.value.code == 1
        assert "CreateMembers.Accounts: went\n" in capsys.readouterr().out
