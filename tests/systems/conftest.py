"""What the tests of every small system begin with: its file as a plugin, and its commands."""

import json
import shutil
from pathlib import Path

import pytest

from prune3d_gui.cli.main import main
from prune3d_gui.studies.run import worker


@pytest.fixture
def plugin(request, tmp_path, monkeypatch):
    """The plugin file in the folder of the user's plugins: ``NAME.py`` for ``test_NAME.py``."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    monkeypatch.setenv("PRUNE3D_PLUGINS", str(folder))
    name = request.path.name.removeprefix("test_")
    yield Path(shutil.copy(request.path.with_name(name), folder))
    worker.forget()


@pytest.fixture
def told(plugin, capsys):
    """Run a command line that ends well, and give what it wrote."""

    def run(line, *more):
        capsys.readouterr()
        code = main([*line.split(), *map(str, more)])
        found = capsys.readouterr()
        assert code == 0, found.err
        return found.out

    return run


@pytest.fixture
def rows(told):
    """Run a command line with ``--json -`` and return its rows."""
    return lambda line, *more: json.loads(told(line, *more, "--json", "-"))
