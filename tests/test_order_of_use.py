"""Unusual orders of use, and interrupts: each does the right thing or says what is wrong."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import os
import socket
import sys
import threading
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.loaders import Loader

from detective_fake import DetectiveFake, FakeUsageError
from detective_fake.interception import callers
from detective_fake.protocol import model
from detective_fake.server import endpoint
from tests.builders import ADMINISTRATOR

if TYPE_CHECKING:
    from pathlib import Path
    from types import FrameType


class TestStop:
    def test_inside_a_test(self, pytester: pytest.Pytester) -> None:
        """The fixture's fake does not answer after it; the test passes, and the next one has another fake."""
        pytester.makepyfile("""
            import os

            def test_it(detective_fake):
                detective_fake.client().create_graph()
                detective_fake.stop()
                assert "AWS_EC2_METADATA_DISABLED" not in os.environ

            def test_next(detective_fake):
                assert detective_fake.client().list_graphs()["GraphList"] == []
        """)
        pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:xdist", "-p", "no:asyncio").assert_outcomes(
            passed=2
        )


class TestEnvironment:
    def test_another_mapping_while_a_fake_is_active(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The variables are restored in the mapping that had them."""
        before, replacement = dict(os.environ), {"HOME": "/"}
        with monkeypatch.context() as patch:
            fake = DetectiveFake()
            fake.start()
            patch.setattr(os, "environ", replacement)
            fake.stop()
            assert dict(os.environ) == replacement
        assert (dict(os.environ), replacement) == (before, {"HOME": "/"})

    def test_another_mapping_from_the_start(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It gets the variables, and loses them."""
        replacement: dict[str, str] = {}
        with monkeypatch.context() as patch:
            patch.setattr(os, "environ", replacement)
            fake = DetectiveFake()
            fake.start()
            assert "AWS_REGION" in replacement
        fake.stop()
        assert replacement == {}
        assert "AWS_EC2_METADATA_DISABLED" not in os.environ


class TestBotocoreImportedAgain:
    @pytest.fixture(autouse=True)
    def restored(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Bring the first botocore back."""
        for name in [name for name in sys.modules if name.split(".")[0] in {"boto3", "botocore"}]:
            monkeypatch.setitem(sys.modules, name, sys.modules[name])

    def forget(self) -> None:
        for name in [name for name in sys.modules if name.split(".")[0] in {"boto3", "botocore"}]:
            del sys.modules[name]

    def test_while_a_fake_is_active(self) -> None:
        """It cannot answer the new clients, and says so when it stops."""
        fake = DetectiveFake()
        fake.start()
        self.forget()
        importlib.import_module("boto3")
        with pytest.raises(FakeUsageError, match="botocore was imported again while this DetectiveFake was active"):
            fake.stop()
        assert "AWS_EC2_METADATA_DISABLED" not in os.environ

    def test_before_a_fake_starts(self) -> None:
        """It answers old and new clients."""
        old: Any = boto3.Session(ADMINISTRATOR, "x", region_name="us-east-1").client("detective")
        self.forget()
        session = importlib.import_module("boto3").Session(ADMINISTRATOR, "x", region_name="us-east-1")
        with DetectiveFake() as fake:
            old.create_graph()
            session.client("detective").list_graphs()
        assert [call.operation for call in fake.calls] == ["CreateGraph", "ListGraphs"]


class TestAnotherFileSystem:
    """As pyfakefs makes it: without the files of botocore."""

    @pytest.fixture(autouse=True)
    def empty(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let this process read botocore's files for the first time, from an empty directory."""
        empty = Loader(extra_search_paths=[str(tmp_path)], include_default_search_paths=False)
        monkeypatch.setattr(model, "loader", lambda: empty)

    def test_the_model_cannot_be_read(self) -> None:
        """The error says what to do."""
        with pytest.raises(FakeUsageError, match=r"read its data files: .* fs\.add_real_directory\('.*data'\)"):
            model.service_model.__wrapped__()

    def test_a_client_cannot_be_created(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The error says what to do."""
        monkeypatch.setattr(callers, "_shared_session", callers._new_session)  # noqa: SLF001 - one that has read nothing
        with pytest.raises(FakeUsageError, match=r"call fs\.add_real_directory"):
            DetectiveFake().client()


class Interrupter:
    """Raises KeyboardInterrupt at one of the calls that `server.endpoint` makes, counted from 0."""

    def __init__(self, step: int) -> None:
        self.remaining = step

    # Python traces no function that it calls for its profiler, so coverage cannot see this one.
    def __call__(self, frame: FrameType, event: str, _: object) -> None:  # pragma: no cover
        files = [each.f_code.co_filename for each in (frame, frame.f_back) if each]
        is_call = event == "call" and not frame.f_code.co_flags & inspect.CO_GENERATOR
        if is_call and endpoint.__file__ in files and contextlib.__file__ not in files:
            self.remaining -= 1
            if self.remaining == -1:
                raise KeyboardInterrupt


class TestInterruptsOfServe:
    # An event loop that was made and not started warns when it is collected, and closes its sockets.
    @pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
    def test_leave_nothing_behind(self) -> None:
        """At each call that begins or ends the block: no thread, port or variable. The fake can be served again."""
        fake, ports, ended, before = DetectiveFake(), [0], False, threading.enumerate()
        step = 0
        while not ended:
            sys.setprofile(Interrupter(step))
            try:
                with fake.serve() as served:
                    ports.append(int(served.url.rpartition(":")[2]))
                ended = True
            except KeyboardInterrupt:
                pass
            finally:
                sys.setprofile(None)
            assert [each for each in threading.enumerate() if each not in before] == []
            assert "AWS_ENDPOINT_URL_DETECTIVE" not in os.environ
            step += 1
        assert step > 5
        for port in ports:
            socket.create_server(("127.0.0.1", port)).close()


class TestActive:
    def test_says_whether_a_fake_answers(self) -> None:
        """It does so from `start` to `stop`."""
        fake = DetectiveFake()
        seen = [fake.active]
        with fake:
            seen.append(fake.active)
        assert [*seen, fake.active] == [False, True, False]
