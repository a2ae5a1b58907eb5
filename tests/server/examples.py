"""The examples of the OpenAPI document: `record()` makes the calls again, and records the responses.

`detective_fake/server/examples.json` lists control calls in an order in which each succeeds, with their arguments.
"""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

import detective_fake.server
from detective_fake.fake import DetectiveFake
from detective_fake.server.application import control_application
from tests.server.http import CONTROL, Client, served

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE: Final = Path(detective_fake.server.__file__).parent / "examples.json"
NOON: Final = datetime(2024, 3, 1, 12, tzinfo=timezone.utc)


def replayed() -> Iterator[dict[str, Any]]:
    """Call each example, and yield it with the response of now."""
    document = control_application().openapi()
    calls = {
        call["operationId"]: (method.upper(), path, call)
        for path, methods in document["paths"].items()
        for method, call in methods.items()
    }
    fake = DetectiveFake("111111111111", unused_faults="ignore")
    fake.clock.freeze(NOON)
    with fake, served(fake) as endpoint, Client(endpoint) as client:
        client.ask("POST", "/graphs/list", {}, {"User-Agent": "aws-cli/2.31.0"})
        for example in json.loads(FILE.read_text("utf-8")):
            method, path, call = calls[example["call"]]
            query = {}
            for parameter in call.get("parameters", ()):
                name = parameter["name"]
                if name in example.get("parameters", {}):
                    value = example["parameters"][name]
                    if parameter["in"] == "path":
                        path = path.replace(f"{{{name}}}", quote(str(value)))
                    else:
                        query[name] = value
            target = f"{path}?{urlencode(query)}" if query else path
            answered = client.ask(method, target, example.get("body"), CONTROL)
            assert answered.status == 200, (example["call"], answered.body)
            yield {**example, "response": answered.json}


def record(file: Path = FILE) -> None:
    """Write the examples with the responses of now."""
    file.write_text(json.dumps(list(replayed()), indent=2) + "\n", "utf-8")
