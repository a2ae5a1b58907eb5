"""`capo-detective`, a Python SDK that is generated from the Smithy model and has its own HTTP stack."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from detective_fake.fake import DetectiveFake
from tests.server.http import served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

capo_detective = pytest.importorskip("capo_detective", reason="capo-detective is not installed")

ADMINISTRATOR, ANA = "111111111111", "222222222222"


@pytest.fixture
def fake() -> DetectiveFake:
    """Return a fake that answers over HTTP only."""
    return DetectiveFake(ADMINISTRATOR)


@pytest.fixture
def client(fake: DetectiveFake) -> Iterator[Callable[[str], Any]]:
    """Return a function that returns a client of an account."""
    with served(fake) as endpoint, ExitStack() as clients:

        def connect(account_id: str) -> Any:
            credentials = {"access_key": account_id, "secret_key": "any", "session_token": None}
            client = capo_detective.DetectiveClient(endpoint=endpoint.url, region="us-east-1", credentials=credentials)
            return clients.enter_context(client)

        yield connect


class TestCapo:
    def test_two_accounts_share_a_graph(self, client: Callable[[str], Any]) -> None:
        """Invite, accept, leave; a refusal is an exception of its own."""
        administrator, member = client(ADMINISTRATOR), client(ANA)
        graph = administrator.create_graph(tags={"team": "a"})["graph_arn"]
        accounts = [{"account_id": ANA, "email_address": "ana@example.com"}]
        assert administrator.create_members(graph, accounts)["members"][0]["status"] == "VERIFICATION_IN_PROGRESS"
        assert [each["graph_arn"] for each in member.list_invitations()["invitations"]] == [graph]
        member.accept_invitation(graph)
        (row,) = administrator.list_members(graph)["member_details"]
        assert (row["account_id"], row["status"]) == (ANA, "ENABLED")
        with pytest.raises(capo_detective.errors.ConflictException):
            member.accept_invitation(graph)
        member.disassociate_membership(graph)
        assert administrator.list_members(graph)["member_details"] == []

    def test_tags_packages_and_investigations(self, client: Callable[[str], Any], fake: DetectiveFake) -> None:
        """With the types of the model."""
        administrator = client(ADMINISTRATOR)
        graph = administrator.create_graph()["graph_arn"]
        administrator.tag_resource(graph, {"team": "b"})
        assert administrator.list_tags_for_resource(graph)["tags"] == {"team": "b"}
        administrator.untag_resource(graph, ["team"])
        assert administrator.list_tags_for_resource(graph)["tags"] == {}
        administrator.update_datasource_packages(graph, ["DETECTIVE_CORE", "EKS_AUDIT"])
        assert administrator.list_datasource_packages(graph)["datasource_packages"].keys() == {
            "DETECTIVE_CORE",
            "EKS_AUDIT",
        }
        now = fake.clock.now()
        started = administrator.start_investigation(
            graph, f"arn:aws:iam::{ANA}:role/deploy", now - timedelta(days=1), now
        )["investigation_id"]
        (found,) = administrator.list_investigations(graph)["investigation_details"]
        assert (found["investigation_id"], found["status"]) == (started, "SUCCESSFUL")
