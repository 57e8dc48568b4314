import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.update(
    # Tests calculate with MuJoCo in their own process and render in others: Mesa's LLVM and torch's crash one another.
    MUJOCO_GL="disabled",
    PREFECT_SERVER_ANALYTICS_ENABLED="false",
    DO_NOT_TRACK="1",
    YOLO_OFFLINE="true",
    YOLO_AUTOINSTALL="false",
)

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell's background jobs, and all that they start, ignore it
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Neither a busy machine nor an unlucky draw must make a test fail.
patient = [HealthCheck.too_slow, HealthCheck.filter_too_much]
settings.register_profile("ethotrap", deadline=None, suppress_health_check=patient)
settings.load_profile("ethotrap")

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def footage() -> Path:
    """The real footage beside the repository, which is not part of it."""
    folder = REPOSITORY.parent / "shared" / "footage"
    if not folder.is_dir():
        pytest.skip(f"needs the real footage at {folder}")
    return folder


@pytest.fixture(scope="session")
def shipped() -> Path:
    """The small simulated footage that ships with the repository."""
    return REPOSITORY / "tests" / "footage"
