"""A typical test module of a user. It has no type errors, with and without the boto3 stubs installed."""

from __future__ import annotations

import pytest

from detective_fake import DetectiveFake, FakeUsageError, NotFaked, ServiceError


def test_members(detective_fake: DetectiveFake) -> None:
    """Use the fixture with function scope."""
    administrator = detective_fake.client()
    graph_arn = administrator.create_graph()["GraphArn"]
    accounts = [{"AccountId": "222222222222", "EmailAddress": "ana@example.com"}]
    administrator.create_members(GraphArn=graph_arn, Accounts=accounts)  # type: ignore[arg-type,unused-ignore]
    detective_fake.client("222222222222").accept_invitation(GraphArn=graph_arn)
    pages = administrator.get_paginator
    assert pages is not None
    assert detective_fake.session().region_name == "us-east-1"
    with pytest.raises(administrator.exceptions.ConflictException):
        administrator.delete_graph(GraphArn=graph_arn)


@pytest.mark.detective_fake(region="eu-west-1", page_size=1)
def test_wider_scopes(
    class_detective_fake: DetectiveFake,
    module_detective_fake: DetectiveFake,
    package_detective_fake: DetectiveFake,
    session_detective_fake: DetectiveFake,
) -> None:
    """Use the fixtures of wider scopes."""
    fakes = [class_detective_fake, module_detective_fake, package_detective_fake, session_detective_fake]
    assert [fake.region for fake in fakes] == ["eu-west-1"] * 4


@DetectiveFake(id_seed=1)
def test_decorated(fake: DetectiveFake) -> None:
    """Use the decorator."""
    with pytest.raises(FakeUsageError) as caught:
        fake.start()
    assert not isinstance(caught.value, (NotFaked, ServiceError))
