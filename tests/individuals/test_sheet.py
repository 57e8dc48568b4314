"""The page of candidates: self-contained, with the matched points where they belong."""

import re
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest

from pipeline.errors import StoreError
from pipeline.individuals.sheet import GAP, MOST_LINES, WIDTH, Beside, Crop, sheet
from pipeline.page import write_page

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def pictures(tmp_path):
    paths = tmp_path / "query.jpg", tmp_path / "known.png"
    for path, height in zip(paths, (200, 100), strict=True):
        cv2.imwrite(str(path), np.full((height, 400, 3), 120, np.uint8))
    return paths


def candidate(pictures, points=(), code="Leo 45F", facts=()):
    return Beside(code, 31.4, 0.87, *pictures, tuple(points), facts)


def drawing(page):
    (svg,) = re.findall(r"<svg.*?</svg>", page)
    return ElementTree.fromstring(svg)


def test_matched_points_are_joined_where_they_lie_in_both_pictures(pictures):
    root = drawing(sheet("v.1", "leopard", [candidate(pictures, [(0.5, 0.5, 0.25, 1.0)])]))
    heights = [float(image.get("height")) for image in root.iter("image")]
    assert heights == [WIDTH * 200 / 400, WIDTH * 100 / 400]
    for line in root.iter("line"):
        ends = [float(line.get(name)) for name in ("x1", "y1", "x2", "y2")]
        assert ends == [WIDTH / 2, heights[0] / 2, WIDTH / 4, heights[0] + GAP + heights[1]]
    assert len(list(root.iter("line"))) == 2  # the line and its rim
    assert root.get("viewBox") == f"0 0 {WIDTH} {sum(heights) + GAP:.1f}"


def test_only_the_strongest_points_are_drawn(pictures):
    points = [(number / 100, 0.5, 0.5, 0.5) for number in range(MOST_LINES + 30)]
    root = drawing(sheet("v.1", "leopard", [candidate(pictures, points)]))
    assert len(list(root.iter("circle"))) == 2 * MOST_LINES


def test_the_page_needs_nothing_from_anywhere(pictures):
    page = sheet("v.1", "leopard", [candidate(pictures, [(0.1, 0.1, 0.2, 0.2)])] * 5)
    assert re.findall(r'(?:src|href)="(?!data:)', page) == []
    assert "url(" not in page
    assert page.count("data:image/jpeg") == page.count("data:image/png") == 5


def test_words_of_people_cannot_break_the_page(pictures):
    page = sheet("v.1", "<b>tiger</b>", [candidate(pictures, code="<script>", facts=(("marks", "torn & <i>"),))])
    assert "<script>" not in page
    assert "&lt;b&gt;tiger" in page
    assert "torn &amp; &lt;i&gt;" in page


def test_without_candidates_or_pictures_the_page_says_so():
    assert "Nothing known resembles it" in sheet("v.1", "leopard", [])
    assert "no picture to compare" in sheet("v.1", "leopard", [candidate((None, None))])


@pytest.mark.parametrize("content", [None, b"", b"no picture"])
def test_a_picture_that_is_gone_or_spoilt_is_named_in_its_place_and_costs_no_other(pictures, content):
    if content is None:
        pictures[1].unlink()
    else:
        pictures[1].write_bytes(content)
    crops = [Crop(path, "v.1", path.name) for path in pictures]
    page = sheet("v.1", "leopard", [candidate(pictures)], crops=crops)
    assert len(re.findall(r"known\.png[^<]*analyse its video again", page)) == 2
    assert page.count("data:image") == 1


def test_a_page_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match=r"cannot write the sheet .*sheet\.html"):
        write_page(tmp_path / "file" / "sheet.html", "page", "sheet")
    write_page(Path(tmp_path / "new" / "sheet.html"), "page", "sheet")
    assert (tmp_path / "new" / "sheet.html").read_text() == "page"
