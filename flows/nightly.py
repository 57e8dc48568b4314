"""The nightly flow: scan, analyse in batches, report.

What is to be done is decided by our own ledger, so a run that was missed, killed or started twice only means that the
next one has more or less to do.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.states import Completed
from prefect.task_runners import ThreadPoolTaskRunner

from flows.progress import Progress
from pipeline import night
from pipeline.errors import StoreError
from pipeline.night import Batch
from pipeline.report import NightReport, VideoSummary, as_markdown
from pipeline.settings import load_settings
from pipeline.store.open import database_address, open_store

ARTIFACT = "nightly-report"


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


def analyse_footage(
    footage: list[str],
    archive: str,
    config: str | None = None,
    deployments: str | None = None,
    retry_failed: bool = False,
    progress: Progress | None = None,
    run_batches: night.RunBatches = night.one_by_one,
) -> NightReport:
    """One whole run, with or without Prefect.

    Args:
        footage: folders and files.
        archive: folder of the results.
        config: settings that differ from the defaults, a YAML file.
        deployments: CSV of the deployments.
        retry_failed: try again also what failed for good.
        progress: shows how far it is.
        run_batches: how batches are run.

    Raises:
        EthotrapError: the run as a whole cannot be done; single files never raise.
    """
    shown = progress or Progress()
    settings = load_settings(Path(config) if config else None)
    store = open_store(Path(archive), database_address())
    with night.only_run(store.archive):
        this = night.plan(
            store,
            [Path(path) for path in footage],
            settings,
            Path(deployments) if deployments else None,
            retry_failed=retry_failed,
            step=shown.step,
        )
        shown.start(this.pending_bytes, len(this.pending))
        return night.run(store, this, run_batches, shown.advance)


_RUNNER: Any = ThreadPoolTaskRunner(max_workers=2 * (os.cpu_count() or 1))


@flow(name="nightly", persist_result=False, task_runner=_RUNNER)
def nightly(
    footage: list[str],
    archive: str,
    config: str | None = None,
    deployments: str | None = None,
    retry_failed: bool = False,
) -> State[NightReport]:
    """Analyse what is new in the footage and keep it in the archive.

    Args:
        footage: folders and files.
        archive: folder of the results.
        config: settings that differ from the defaults, a YAML file.
        deployments: CSV of the deployments.
        retry_failed: try again also what failed for good.
    """
    report = analyse_footage(
        footage, archive, config, deployments, retry_failed, progress=Progress.current(), run_batches=in_tasks
    )
    create_markdown_artifact(as_markdown(report), key=ARTIFACT, description="what the run saw, found and missed")
    counts = report.counts()
    headline = f"{counts['analysed']:.0f} analysed, {counts['blank']:.0f} blank, {counts['failed']:.0f} failed"
    return Completed(name="Completed" if report.whole else "FilesFailed", message=headline, data=report)
