"""Serve the nightly flow by a schedule."""

from collections.abc import Sequence
from pathlib import Path

from prefect import get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.schedules import Cron
from prefect.states import Crashed

from flows.nightly import as_sent, nightly, parameters
from pipeline.errors import BusyError
from pipeline.night import only_run

DEPLOYMENT = "nightly"
UNFINISHED = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]


def mark_interrupted(archive: Path) -> int:
    """Call every run of the archive that never came to its end crashed: nobody else would after a power cut.

    Args:
        archive: folder of the results, there already.

    Returns:
        How many there were; 0 also while a run is at work, since nothing tells which one that is.
    """
    this_flow = FlowFilter(name=FlowFilterName(any_=[nightly.name]))
    unfinished = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=UNFINISHED)))
    try:
        with only_run(archive), get_client(sync_client=True) as client:
            runs = client.read_flow_runs(flow_filter=this_flow, flow_run_filter=unfinished)
            mine = [run for run in runs if run.parameters.get("archive") == as_sent(archive)]
            for run in mine:
                client.set_flow_run_state(run.id, Crashed(message="stopped or killed before its end"), force=True)
    except BusyError:
        return 0
    return len(mine)


def serve_nightly(
    footage: Sequence[Path], archive: Path, config: Path | None, deployments: Path | None, cron: str, zone: str
) -> None:
    """Run the nightly flow by a schedule until this process is stopped.

    Prefect starts all nights that were missed at once; the archive's lock lets one of them run, which does all the work
    there is, and the others end as skipped. A limit of Prefect's own would outlive a run that was killed, and then no
    night would ever run again.

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
        parameters=parameters(footage, archive, config, deployments),
        pause_on_shutdown=False,
        print_starting_message=False,
    )
