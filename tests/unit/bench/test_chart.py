"""Compare the chart and the tables of the documentation with the committed figures."""

import json
from xml.etree import ElementTree as ET

from bench.chart import CHART, PAGES, RESULTS, draw, replace_table
from bench.result import Result
from bench.rows import ROWS
from bench.table import as_json, results_of, with_others
from bench.targets import TARGETS


def test_the_pages_show_the_committed_figures() -> None:
    document = json.loads(RESULTS.read_text())
    for path, as_table in PAGES.items():
        page = path.read_text()
        assert replace_table(page, as_table, document) == page, "run `python -m bench.chart`"
    assert draw(results_of(document)) == CHART.read_text(), "run `python -m bench.chart`"


def test_every_target_has_a_figure() -> None:
    document = json.loads(RESULTS.read_text())
    assert TARGETS.keys() <= {(each.row, each.against) for each in results_of(document)}


def test_every_target_is_of_a_row_that_can_be_asked_for() -> None:
    assert {row for row, _ in TARGETS} == set(ROWS)


def test_the_chart_is_xml_and_says_how_many_targets_are_reached() -> None:
    results = [
        Result("upload, 20 KB", "floor", [0.9, 1.0]),
        Result("upload, 20 KB", "peer", [0.5]),
        Result("something <else>", "floor", [1.0]),
    ]
    drawn = ET.fromstring(draw(results))  # noqa: S314 - made here
    texts = ["".join(each.itertext()) for each in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert "1 of 2 targets are reached" in texts
    assert "0.95 ×   ≥ 0.55" in texts  # noqa: RUF001 - the sign for this
    assert "something <else> : floor" not in texts


def test_a_figure_far_off_stays_within_the_chart() -> None:
    drawn = ET.fromstring(draw([Result("read of one", "peer", [0.0, 1000.0])]))  # noqa: S314 - made here
    width = float(drawn.attrib["width"])
    for each in drawn.iter("{http://www.w3.org/2000/svg}line"):
        assert 0 <= float(each.attrib["x1"]) <= width
        assert 0 <= float(each.attrib["x2"]) <= width


def test_a_row_that_is_measured_again_leaves_the_others() -> None:
    first, second, third = ROWS[:3]
    before = as_json([Result(first, "a", [1.0]), Result(third, "a", [3.0])], {"python": "1"}, {})
    again = as_json([Result(second, "a", [2.0]), Result(third, "b", [4.0])], {"python": "2"}, {})
    merged = with_others(again, before)
    found = [(each["row"], each["against"], each["value"]) for each in merged["results"]]
    assert found == [(first, "a", 1.0), (second, "a", 2.0), (third, "b", 4.0)]
    assert merged["machine"] == {"python": "1"}
