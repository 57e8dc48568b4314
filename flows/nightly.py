"""The nightly flow: scan, analyse in batches, report.

What is to be done is decided by our own ledger, so a run that was missed, killed or started twice only means that the
next one has more or less to do.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from prefect import flow, get_run_logger, runtime, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.states import Cancelled, Completed, Failed
from prefect.task_runners import ThreadPoolTaskRunner

from flows.analysing import analyse_footage
from flows.progress import Progress
from pipeline.errors import BusyError, EthotrapError, StoreError
from pipeline.night import Batch
from pipeline.plain_text import from_letters, in_letters, written_out
from pipeline.report import VideoSummary, as_markdown
from pipeline.workers import end_with_parent

ARTIFACT = "nightly-report"


def as_sent(path: Path) -> str:
    """A path as Prefect can keep it, whatever bytes it holds; `nightly` gets the very same wherever it is run."""
    return in_letters(str(path.absolute()))


def parameters(footage: Sequence[Path], archive: Path, config: Path | None, deployments: Path | None) -> dict[str, Any]:
    """What `nightly` is called with."""
    return {
        "footage": [as_sent(path) for path in footage],
        "archive": as_sent(archive),
        "config": as_sent(config) if config else None,
        "deployments": as_sent(deployments) if deployments else None,
    }


def may_pass(_task: object, _run: TaskRun, state: State[object]) -> bool:
    """Whether a failed batch is worth another try: a busy database or disk is, a bug is not."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, OSError | StoreError)


def in_tasks(work: Callable[[Batch], list[VideoSummary]], todo: list[Batch]) -> list[VideoSummary]:
    """Run every batch as a Prefect task of its own. The tasks only wait for the worker processes, so threads do."""
    analyse_batch = task(
        name="analyse-batch",
        retries=2,
        retry_delay_seconds=[10, 60],
        retry_condition_fn=may_pass,
        cache_policy=NO_CACHE,
        persist_result=False,
    )(work)
    futures = [analyse_batch.with_options(task_run_name=f"batch-{n}").submit(b) for n, b in enumerate(todo, start=1)]
    return [summary for future in futures for summary in future.result()]


_RUNNER: Any = ThreadPoolTaskRunner(max_workers=2 * (os.cpu_count() or 1))


@flow(name="nightly", persist_result=False, task_runner=_RUNNER)
def nightly(
    footage: list[str],
    archive: str,
    config: str | None = None,
    deployments: str | None = None,
    retry_failed: bool = False,
) -> State[Any]:
    """Analyse what is new in the footage and keep it in the archive.

    The state's data is a NightReport; or the error, where another run has the archive (cancelled, named Skipped) or the
    run as a whole cannot be done (failed). Neither is a crash, and the message says all there is to say.

    Args:
        footage: folders and files; these and the other paths as `parameters` gives them.
        archive: folder of the results.
        config: settings that differ from the defaults, a YAML file.
        deployments: CSV of the deployments.
        retry_failed: try again also what failed for good.
    """
    if _scheduled():  # else a night would go on unseen, and hold the archive, when `ethotrap serve` has been killed
        end_with_parent(os.getppid())
    try:
        report = analyse_footage(
            [Path(from_letters(path)) for path in footage],
            Path(from_letters(archive)),
            Path(from_letters(config)) if config else None,
            Path(from_letters(deployments)) if deployments else None,
            retry_failed=retry_failed,
            progress=Progress.current(),
            run_batches=in_tasks,
        )
    except BusyError as error:
        return _ended_early(Cancelled(name="Skipped", message=written_out(str(error)), data=error))
    except EthotrapError as error:
        return _ended_early(Failed(message=written_out(str(error)), data=error))
    create_markdown_artifact(as_markdown(report), key=ARTIFACT, description="what the run saw, found and missed")
    counts = report.counts()
    headline = f"{counts['analysed']:.0f} analysed, {counts['blank']:.0f} blank, {counts['failed']:.0f} failed"
    return Completed(name="Completed" if report.whole else "FilesFailed", message=headline, data=report)


def _scheduled() -> bool:
    return runtime.deployment.id is not None


def _ended_early(state: State[Any]) -> State[Any]:
    if _scheduled():  # the command line says it itself
        get_run_logger().error("%s: %s", state.name, state.message)
    return state
