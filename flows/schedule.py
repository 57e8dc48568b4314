"""Serve the nightly flow by a schedule."""

from collections.abc import Sequence
from pathlib import Path

from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.schedules import Cron

from flows.nightly import nightly

DEPLOYMENT = "nightly"


def serve_nightly(
    footage: Sequence[Path], archive: Path, config: Path | None, deployments: Path | None, cron: str, zone: str
) -> None:
    """Run the nightly flow by a schedule until this process is stopped.

    Prefect starts all nights that were missed at once; the limit lets one of them run and cancels the others, and that
    one does all the work there is.

    Args:
        footage: folders.
        archive: folder of the results.
        config: settings file.
        deployments: CSV of the deployments.
        cron: when, in five fields.
        zone: IANA name.
    """
    nightly.serve(
        name=DEPLOYMENT,
        schedule=Cron(cron, timezone=zone),
        parameters={
            "footage": [str(path.absolute()) for path in footage],
            "archive": str(archive.absolute()),
            "config": str(config.absolute()) if config else None,
            "deployments": str(deployments.absolute()) if deployments else None,
        },
        pause_on_shutdown=False,
        global_limit=ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW),
        print_starting_message=False,
    )
