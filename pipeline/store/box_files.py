"""Where the per-frame boxes of each video lie."""

from pathlib import Path

from sqlalchemy import select

from pipeline.store.open import Store
from pipeline.store.schema import analysis


def box_files(store: Store) -> dict[str, Path]:
    """The Parquet file of every video that has tracks, by the id of its content; `boxes.read_boxes` reads it."""
    query = select(analysis.c.media_id, analysis.c.boxes_path).where(analysis.c.boxes_path.is_not(None))
    with store.reading() as connection:
        return {row.media_id: store.archive / row.boxes_path for row in connection.execute(query)}
