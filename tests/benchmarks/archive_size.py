"""What do listings, exports and the plan of a night take of a large archive? Copy one video's rows many times and ask.

    python -m tests.benchmarks.archive_size [VIDEOS]

The peak of memory is of the process up to then, so it rises only where a question needs more than all before it; it
should rise little with the number of videos.
"""

import csv
import resource
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Computed, Table, select

from pipeline.behaviour.informative import most_informative
from pipeline.exchange.table import export_csv
from pipeline.store.footage import each_footage, last_videos
from pipeline.store.open import Store, open_store
from pipeline.store.queries import BoutQuery, each_bout, each_open_bout
from pipeline.store.schema import analysis, bout, file, indicator, media, track
from tests.store.archive_samples import stored, two_animals

VIDEOS = 20_000
TOGETHER = 1000
KB_A_MB = 1024  # Linux counts the peak in kilobytes


def multiply(store: Store, videos: int) -> None:
    """Fill an archive with copies of one video of two animals, three bouts and two indicators."""
    stored(store, two_animals())
    with store.writing() as connection:
        (known,) = connection.scalars(select(media.c.media_id))
        samples = {
            table: [dict(row) for row in connection.execute(select(*_plain(table))).mappings()]
            for table in (media, file, analysis, track, bout, indicator)
        }
        for first in range(0, videos, TOGETHER):
            ids = [f"{number:016x}" for number in range(first, min(first + TOGETHER, videos))]
            for table, rows in samples.items():
                connection.execute(table.insert(), [_renamed(row, known, one) for one in ids for row in rows])


def _plain(table: Table) -> list[Any]:
    return [column for column in table.columns if not isinstance(column.computed, Computed)]


def _renamed(row: dict[str, Any], known: str, one: str) -> dict[str, Any]:
    own = {"sha256": f"{one:0>64}", "path": f"/card/{one}.MP4", "analysis_id": f"a{one[1:]}"}
    return {
        name: own.get(name) or (value.replace(known, one) if isinstance(value, str) else value)
        for name, value in row.items()
    }


def main() -> None:
    """Measure and print."""
    videos = int(sys.argv[1]) if len(sys.argv) > 1 else VIDEOS
    with TemporaryDirectory() as folder:
        store = open_store(Path(folder))
        multiply(store, videos)
        with Path(folder, "bouts.csv").open("w") as stream:
            table = csv.writer(stream)
            questions: dict[str, Callable[[], object]] = {
                "the last videos of each deployment": lambda: last_videos(store),
                "the footage of a night's plan": lambda: deque(each_footage(store), maxlen=0),
                "every bout": lambda: table.writerows([one.bout, one.behaviour] for one in each_bout(store)),
                "the 50 most informative": lambda: most_informative(each_open_bout(store, BoutQuery()), 50),
                "export csv": lambda: export_csv(store, Path(folder, "export")),
            }
            for what, ask in questions.items():
                started = time.process_time()
                ask()
                took = time.process_time() - started
                peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KB_A_MB
                sys.stdout.write(f"{videos} videos, {what}: {took:.1f} s, peak {peak:.0f} MB\n")


if __name__ == "__main__":
    main()
