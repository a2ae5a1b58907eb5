"""One world for the whole session; each test gets it back unchanged."""

import pytest

from detective_fake import DetectiveFake


@pytest.fixture(scope="session")
def graph_arn(session_detective_fake: DetectiveFake):
    """Set up the world once: it may be large."""
    members = {f"{number:012}": "ENABLED" for number in range(1, 151)}
    invited = {f"{number:012}": "INVITED" for number in range(201, 211)}
    return session_detective_fake.seed.graph(members={**members, **invited})


@pytest.fixture
def fake(session_detective_fake: DetectiveFake, graph_arn):
    """The world of the session. What a test does to it is taken back, recorded calls included."""
    with session_detective_fake.isolated():
        yield session_detective_fake
