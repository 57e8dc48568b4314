"""One whole run, whoever starts it: the Prefect flow or the command line."""

from collections.abc import Sequence
from pathlib import Path

from flows.beforehand import check_archive
from flows.progress import Progress
from pipeline import night
from pipeline.errors import StoreError
from pipeline.report import NightReport
from pipeline.settings import load_settings
from pipeline.store.open import database_address, open_store


def analyse_footage(
    footage: Sequence[Path],
    archive: Path,
    config: Path | None,
    deployments: Path | None,
    *,
    retry_failed: bool,
    progress: Progress,
    run_batches: night.RunBatches = night.one_by_one,
) -> NightReport:
    """Analyse what is new in the footage and keep it in the archive.

    Args:
        footage: folders and files.
        archive: folder of the results.
        config: settings that differ from the defaults, a YAML file.
        deployments: CSV of the deployments.
        retry_failed: try again also what failed for good.
        progress: shows how far it is.
        run_batches: how batches are run.

    Raises:
        BusyError: another run is working on the archive.
        EthotrapError: the run as a whole cannot be done; single files never raise.
    """
    settings = load_settings(config)
    check_archive(archive)
    store = open_store(archive.resolve(), database_address())
    try:
        with night.only_run(store.archive):
            this = night.plan(store, footage, settings, deployments, retry_failed=retry_failed, step=progress.step)
            progress.start(this.pending_bytes, len(this.pending))
            return night.run(store, this, run_batches, progress.advance)
    except OSError as error:  # what is wrong with a video stays with it: this is about the archive's own disk
        raise StoreError(
            f"the run cannot go on: {error}; check the disk of the archive and run again: what was finished is kept"
        ) from error
