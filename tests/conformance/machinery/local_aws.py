"""A local stand-in for AWS: a fake over HTTP, and the other services that a run calls.

A run reaches it as it would reach AWS: by profiles in a configuration file.
"""

from __future__ import annotations

import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Final

from detective_fake import DetectiveFake

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ADMINISTRATOR: Final = "444444444444"
MEMBER: Final = "555555555555"
MANAGEMENT: Final = "666666666666"
"""The only account in an organization."""

EMAIL: Final = "root@example.org"

_PROFILES: Final = {"boss": ADMINISTRATOR, "worker": MEMBER, "manager": MANAGEMENT}


class LocalAws:
    """The stand-in.

    Attributes:
        fake: Answers the Detective calls.
        config_file: For `AWS_CONFIG_FILE`. Has the profiles boss, worker, manager, and nowhere, which has no Region.
    """

    def __init__(self, fake: DetectiveFake, config_file: Path) -> None:
        self.fake = fake
        self.config_file = config_file


@contextmanager
def local_aws(folder: Path) -> Iterator[LocalAws]:
    """Serve the stand-in within a `with` block. The fake is not active in this process, only over HTTP."""
    fake = DetectiveFake()
    with fake.serve() as endpoint, _other_services() as url:
        fake.seed.account(MEMBER, email=EMAIL)
        config_file = folder / "aws_config"
        config_file.write_text(_config(endpoint.url, url), encoding="ascii")
        yield LocalAws(fake, config_file)


def _config(detective: str, others: str) -> str:
    urls = {"detective": detective, "sts": others, "organizations": others}
    lines = ["[services local]"]
    for service, url in urls.items():
        lines += [f"{service} =", f"  endpoint_url = {url}"]
    for profile, account_id in {**_PROFILES, "nowhere": ADMINISTRATOR}.items():
        lines += [
            f"[profile {profile}]",
            "services = local",
            f"aws_access_key_id = {account_id}",
            "aws_secret_access_key = any",
            *([] if profile == "nowhere" else ["region = eu-west-1"]),
        ]
    return "\n".join([*lines, ""])


@contextmanager
def _other_services() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _OtherServices)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _OtherServices(BaseHTTPRequestHandler):
    """`GetCallerIdentity` of AWS STS, and `DescribeOrganization` of AWS Organizations.

    The access key is the calling account, as with `fake.serve`.
    """

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        account_id = re.findall("Credential=([0-9]{12})/", self.headers["Authorization"])[0]
        if "X-Amz-Target" not in self.headers:
            self._answer(200, _IDENTITY.format(account_id=account_id))
        elif account_id == MANAGEMENT:
            self._answer(200, json.dumps({"Organization": {"Id": "o-example"}}))
        else:
            self._answer(400, json.dumps({"__type": "AWSOrganizationsNotInUseException"}))

    def _answer(self, status: int, text: str) -> None:
        body = text.encode("ascii")
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


_IDENTITY: Final = (
    "<GetCallerIdentityResponse xmlns='https://sts.amazonaws.com/doc/2011-06-15/'><GetCallerIdentityResult>"
    "<Account>{account_id}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
)
