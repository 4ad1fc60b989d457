"""Texts as editors save them: with a byte order mark, in UTF-16, in a code page."""

import codecs
import json

import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.plans import read_plan
from prune3d_gui.files.tables import read_rows
from prune3d_gui.files.texts import decoded, read_text

PLAN = json.dumps({"format": "prune3d-plan", "rates": {"C1": 20}, "about": {"who": "Жанна"}})


def test_a_byte_order_mark_says_nothing(tmp_path):
    path = tmp_path / "plan.json"
    path.write_text(PLAN, encoding="utf-8-sig")
    assert path.read_bytes().startswith(codecs.BOM_UTF8)
    assert dict(read_plan(path).rates) == {"C1": 20}
    table = tmp_path / "rows.csv"
    table.write_text("name,rate\nЖанна,20\n", encoding="utf-8-sig")
    assert read_rows(table) == [{"name": "Жанна", "rate": 20}]


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1251", "cp1252"]
)
def test_another_encoding_is_named_as_what_is_wrong(tmp_path, encoding):
    path = tmp_path / "plan.json"
    text = json.dumps({"who": "Jérôme" if encoding == "cp1252" else "Жанна"}, ensure_ascii=False)
    path.write_bytes(text.encode(encoding))
    with pytest.raises(BadInput, match="save it as UTF-8") as caught:
        read_plan(path)
    assert str(path) in str(caught.value)
    assert ("UTF-16" in str(caught.value)) == encoding.startswith(("utf-16", "utf-32"))


def test_what_is_no_text_at_all_is_not_called_text():
    with pytest.raises(UnicodeDecodeError):
        decoded("weights.pt", b"PK\x03\x04\xff\xfe\x00\x00")
    assert decoded("empty", b"") == ""


def test_text_comes_back_as_it_was(tmp_path):
    (tmp_path / "a.txt").write_bytes("ж\r\n×".encode())
    assert read_text(tmp_path / "a.txt") == "ж\r\n×"
