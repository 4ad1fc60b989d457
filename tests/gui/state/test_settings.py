"""Settings that several programs use at once."""

import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QByteArray

from prune3d_gui.gui.state.settings import Settings

SECOND = """
import sys
from pathlib import Path
from PySide6.QtCore import QByteArray
from prune3d_gui.gui.state.settings import Settings
settings = Settings(Path(sys.argv[1]))
for number in range(40):
    settings.add_recent(Path(f"/second/{number}"))
    settings.keep_layout("second", QByteArray(b"x" * 5000))
    settings._store.sync()
settings.theme = "dark"
"""


def test_two_programs_keep_what_the_other_has_kept(tmp_path, qapp):
    path = tmp_path / "settings.ini"
    settings = Settings(path)
    settings.add_recent(Path("/first/before"))
    settings._store.sync()
    other = subprocess.Popen([sys.executable, "-c", SECOND, str(path)])
    while other.poll() is None:
        settings.forms = {"toy": {"kind": "sweep"}}
        settings.keep_layout("first", QByteArray(b"y" * 5000))
        settings._store.sync()
    assert other.returncode == 0
    settings.add_recent(Path("/first/after"))
    settings._store.sync()
    code = (
        "import sys; from pathlib import Path; from prune3d_gui.gui.state.settings import Settings;"
        "s = Settings(Path(sys.argv[1])); print(s.theme, s.recent[:2], s.forms,"
        "len(s.layout('first')), len(s.layout('second')))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    ).stdout
    kept = "dark ('/first/after', '/second/39') {'toy': {'kind': 'sweep'}} 5000 5000"
    assert told.strip() == kept
