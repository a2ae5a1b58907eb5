"""Files are written completely or not at all: states by `save`, trails by `save_trail`."""

from __future__ import annotations

import errno
import io
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from detective_fake import DetectiveFake, FakeUsageError
from tests.builders import ADMINISTRATOR, ANA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OLD = b"the old file"
STEPS = [(io.BufferedWriter, "write"), (io.BufferedWriter, "flush"), (os, "fsync"), (Path, "replace")]
"""What writing a file calls, in this order."""


@pytest.fixture
def fake() -> Iterator[DetectiveFake]:
    with DetectiveFake(ADMINISTRATOR) as fake:
        fake.client().create_graph()
        yield fake


@pytest.fixture(params=["save", "save_trail"])
def save(request: pytest.FixtureRequest, fake: DetectiveFake) -> Callable[[Path], None]:
    """Return each method that writes a file."""
    return getattr(fake, request.param)  # type: ignore[no-any-return]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file that exists."""
    file = tmp_path / "file.json"
    file.write_bytes(OLD)
    return file


def fail_at(monkeypatch: pytest.MonkeyPatch, number: int, fail: Callable[[], object]) -> None:
    """Let the step of this number fail; half of the content is written before."""
    owner, name = STEPS[number]
    if owner is not io.BufferedWriter:
        monkeypatch.setattr(owner, name, lambda *_: fail())
        return
    opened = Path.open

    def open_file(path: Path, *arguments: Any) -> Any:
        stream = opened(path, *arguments)

        class Broken:
            def __enter__(self) -> Any:
                return self

            def __exit__(self, *_: object) -> None:
                stream.close()

            def write(self, content: bytes) -> None:
                stream.write(content[: len(content) // 2])
                if name == "write":
                    fail()

            def flush(self) -> None:
                fail()

        return Broken()

    monkeypatch.setattr(Path, "open", open_file)


class TestFailures:
    @pytest.mark.parametrize("number", range(len(STEPS)))
    @pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EIO])
    def test_of_the_system(
        self, save: Callable[[Path], None], file: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: int
    ) -> None:
        """A full disk or a missing right leaves the old file, and no other one."""

        def fail() -> None:
            raise OSError(code, os.strerror(code))

        with monkeypatch.context() as patch:
            fail_at(patch, number, fail)
            with pytest.raises(FakeUsageError, match=f"file.json cannot be written: .*{os.strerror(code)}"):
                save(file)
        assert [(each.name, each.read_bytes()) for each in file.parent.iterdir()] == [("file.json", OLD)]

    @pytest.mark.parametrize("number", range(len(STEPS)))
    def test_of_the_user(
        self, save: Callable[[Path], None], file: Path, monkeypatch: pytest.MonkeyPatch, number: int
    ) -> None:
        """A `KeyboardInterrupt` counts, too."""

        def fail() -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            fail_at(patch, number, fail)
            with pytest.raises(KeyboardInterrupt):
                save(file)
        assert [(each.name, each.read_bytes()) for each in file.parent.iterdir()] == [("file.json", OLD)]

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
    @pytest.mark.parametrize("number", range(len(STEPS)))
    def test_of_the_process(
        self, save: Callable[[Path], None], file: Path, monkeypatch: pytest.MonkeyPatch, number: int
    ) -> None:
        """A killed process leaves the old file."""
        child = os.fork()
        if child == 0:  # pragma: no cover - the child ends without a report of its coverage
            fail_at(monkeypatch, number, lambda: os._exit(9))
            save(file)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
        assert file.read_bytes() == OLD


class TestReaders:
    def test_see_one_of_the_files(self, fake: DetectiveFake, file: Path) -> None:
        """While it is written again and again."""
        stopping = threading.Event()

        def write() -> None:
            while not stopping.is_set():
                fake.save(file)

        fake.save(file)
        thread = threading.Thread(target=write)
        thread.start()
        fakes = [DetectiveFake(scenario=file) for _ in range(10)]
        stopping.set()
        thread.join()
        assert all(each.snapshot() == fake.snapshot() for each in fakes)

    def test_see_the_new_file(self, fake: DetectiveFake, file: Path) -> None:
        """Once it is written."""
        fake.seed.graph(ANA)
        fake.save(file)
        assert DetectiveFake(scenario=file).snapshot() == fake.snapshot()
