"""Child processes that analyse videos: one that dies or hangs costs its own video and nothing more."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, wait
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from pipeline.errors import EthotrapError
from pipeline.job import Job
from pipeline.settings import Settings
from pipeline.store.result import AnalysisResult, Failure

if TYPE_CHECKING:  # only the workers themselves load the networks; the process that directs them stays light
    from pipeline.analyse import Networks

T = TypeVar("T")
Outcome = AnalysisResult | Failure

_LOOK_AGAIN_S = 1.0  # whether the pool still works


@dataclass(frozen=True, slots=True)
class Ended:
    """How the process that worked on a video hung or died."""

    reason: str
    may_pass: bool  # another try may go well


@dataclass(slots=True)
class Workers:
    """Worker processes, and tasks for them."""

    pool: ProcessPool
    stopped: bool = False  # by us, before all was done

    def schedule(self, work: Callable[..., T], args: tuple[object, ...], limit_s: float) -> "ProcessFuture[T]":
        """Give them a task; where their pool is broken or stopped, that is what comes of it.

        Args:
            work: called in a worker process.
            args: of the call.
            limit_s: seconds after which it is given up.
        """
        try:
            return self.pool.schedule(work, args=args, timeout=limit_s)
        except RuntimeError as error:
            lost: ProcessFuture[T] = ProcessFuture()
            lost.set_exception(BrokenProcessPool(str(error)))
            return lost

    def result_or_end(self, future: "ProcessFuture[T]", limit_s: float) -> T | Ended:
        """What came of a task; where its process hung or died, how.

        A pool whose last process dies without a task, as while it loads its networks, is broken for good. It forgets
        the tasks that it has not looked at yet, so nobody may wait for those without asking after the pool.

        Args:
            future: of the task, from `schedule`.
            limit_s: seconds after which it was to be given up.

        Raises:
            CancelledError: the whole run is being stopped.
        """
        while not wait([future], _LOOK_AGAIN_S).done:
            if not self.pool.active:
                return self._lost()
        try:
            result: T = future.result()
        except BrokenProcessPool:
            return self._lost()
        except FutureTimeoutError:
            why = f"given up after {limit_s:.0f} s: analysing it hangs; raise run.timeout_s if it is very long"
            return Ended(why, may_pass=False)
        except ProcessExpired as error:
            return Ended(_cause_of_death(error), _may_pass(error))
        return result

    def _lost(self) -> Ended:
        if self.stopped:
            raise CancelledError("the run is being stopped")
        return Ended("the process that was to read it died before it began, perhaps for want of memory", may_pass=True)


_networks: "Networks | EthotrapError | None" = None  # of this worker process, or why it has none


@contextmanager
def worker_pool(settings: Settings) -> Iterator[Workers]:
    """Worker processes with their networks loaded; all are gone when the block ends."""
    pool = ProcessPool(
        max_workers=settings.run.workers,
        initializer=_start_worker,
        initargs=(settings, os.getpid()),
        context=multiprocessing.get_context("spawn"),
    )
    workers = Workers(pool)
    try:
        yield workers
        pool.close()  # type: ignore[no-untyped-call]
    except BaseException:
        workers.stopped = True
        pool.stop()  # type: ignore[no-untyped-call]
        raise
    finally:
        pool.join()


def analyse_all(workers: Workers, jobs: Sequence[Job], done: Callable[[Job, Outcome], None]) -> None:
    """Analyse videos in the pool, and hand each outcome over, in the order of `jobs`, in this thread.

    Where that ends early, the others are given up: tried anew, two processes would write into one video's folder.

    Args:
        workers: from `worker_pool`.
        jobs: what to analyse.
        done: called once for each job.

    Raises:
        ModelError: the workers cannot load a network, so nothing can be analysed.
        ConfigError: likewise, for what they read of the settings' files.
    """
    futures = [workers.schedule(_analyse_here, (job,), time_limit(job.settings, job.size_bytes)) for job in jobs]
    try:
        for job, future in zip(jobs, futures, strict=True):
            done(job, _outcome(job, workers, future))
    finally:
        for future in futures:
            future.cancel()  # type: ignore[no-untyped-call]


def time_limit(settings: Settings, size_bytes: int) -> float:
    """Seconds after which a video of that size is given up."""
    return settings.run.timeout_s + settings.run.timeout_per_mb * size_bytes / 1e6


def networks_here() -> "Networks":
    """The networks of this worker process.

    Raises:
        ModelError: one of them cannot be loaded.
        ConfigError: the species list, the ethogram or the calibration of coat matching is wrong.
        RuntimeError: this is no worker process.
    """
    if _networks is None:
        raise RuntimeError("this worker was started without its networks")
    if isinstance(_networks, EthotrapError):
        raise _networks
    return _networks


def _outcome(job: Job, workers: Workers, future: "ProcessFuture[Outcome]") -> Outcome:
    outcome = workers.result_or_end(future, time_limit(job.settings, job.size_bytes))
    if isinstance(outcome, Ended):
        return Failure(job.media_id, job.key, f"{job.path.name}: {outcome.reason}", outcome.may_pass)
    return outcome


def _cause_of_death(error: ProcessExpired) -> str:
    if error.exitcode is not None and error.exitcode < 0:
        name = signal.Signals(-error.exitcode).name
        if _may_pass(error):
            return f"the process that read it was killed ({name}), perhaps for want of memory; it is tried again"
        return f"reading it crashed the process ({name}); the file is so damaged that its decoder dies"
    return f"the process that read it ended without a word (exit code {error.exitcode}); it is tried again"


def _may_pass(error: ProcessExpired) -> bool:
    return error.exitcode is None or error.exitcode >= 0 or -error.exitcode in (signal.SIGKILL, signal.SIGTERM)


def _start_worker(settings: Settings, parent: int) -> None:
    global _networks
    from pipeline.analyse import load_networks

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides; a second traceback helps nobody
    end_with_parent(parent)
    try:
        _networks = load_networks(settings)
    except EthotrapError as error:
        _networks = error  # a worker that failed to start would leave its parent without the reason


def end_with_parent(parent: int) -> None:
    """From now on, end this process soon after its parent is gone, however that ended.

    Else a worker whose parent is killed waits for its next task for ever.

    Args:
        parent: the parent's process id.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _analyse_here(job: Job) -> Outcome:
    from pipeline.analyse import analyse

    return analyse(job, networks_here())
