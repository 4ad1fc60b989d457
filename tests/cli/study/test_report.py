"""`prune3d report`: one file, of the very rows that the command prints."""

import json
import re

import pytest


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """Results of this test alone."""
    monkeypatch.setenv("PRUNE3D_CACHE", str(tmp_path / "cache"))


def test_a_report_holds_curves_the_map_of_units_pictures_and_rows(cli, tmp_path):
    out, table = tmp_path / "report.html", tmp_path / "rows.json"
    line = "report toy --samples val:2 --tolerance 0.001,0.1,0.5 --sensitivity --limit 20"
    code, said, err = cli(line, "--out", out, "--json", table)
    assert code == 0, err
    assert f"Wrote {out}" in said
    html = out.read_text(encoding="utf-8")
    rows = json.loads(table.read_text())
    assert len(rows) == 3 + 3 * 3
    for row in rows:
        assert f'data-value="{row["l2"]}"' in html
        assert f'data-value="{row["zeroed"]}"' in html
    for words in ("Eighty-four blobs", "Made of random blobs.", "val:2", "Relative L2 ≤ 20",
                  "report toy", "--sensitivity", "No one, 2025.", "Each unit alone",
                  "s0, reference",
                  "tolerance 0.5: Relative L2"):  # fmt: skip
        assert words in html, words
    assert html.count("<figure>") == html.count("<img ") >= 2 + 1 + 1 + 3
    assert not re.search(r'(?:src|href|srcset)="(?!data:|#)', html)


def test_a_second_report_says_what_came_from_the_cache(cli, tmp_path):
    line = "report toy --samples val:2 --tolerance 0.1,0.5 --pictures= --out"
    first, again = tmp_path / "first.html", tmp_path / "again.html"
    assert cli(line, first)[0] == 0
    assert cli(line, again)[0] == 0
    assert "From the cache" not in first.read_text()
    assert "4 of 4 evaluations." in again.read_text()
    assert "The results" not in again.read_text()


def test_choices_are_compared_and_the_band_is_repeated(cli, tmp_path, plugins):
    out, table = tmp_path / "report.html", tmp_path / "rows.json"
    line = "report toy --samples val:1 --tolerance 0.1,0.5 --compare scope --pictures= --out"
    code, _, err = cli(line, out, "--json", table)
    assert code == 0, err
    rows = json.loads(table.read_text())
    assert [row["scope"] for row in rows] == ["all", "all", "detail", "detail"]
    html = out.read_text()
    assert 'data-value="detail"' in html


def test_what_cannot_be_reported_is_refused_before_any_work(cli, tmp_path):
    for words, told in (
        (f"--out {tmp_path}/report.pdf", ".html"),
        (f"--out {tmp_path}/away/report.html", "folder"),
        (f"--out {tmp_path}/r.html --compare tolerance", "no knob with choices"),
        (f"--out {tmp_path}/r.html --metric beauty", "no metric 'beauty'"),
        (f"--out {tmp_path}/r.html --repeats -1", "--repeats -1"),
        (f"--out {tmp_path}/r.html --pictures a,b", "not a number"),
        ("", "--out"),
    ):
        code, _, err = cli(f"report toy --samples val:1 {words}")
        assert code == 2, words
        assert told in err
        assert "Traceback" not in err
    assert [p.name for p in tmp_path.iterdir() if p.suffix in (".html", ".pdf")] == []
