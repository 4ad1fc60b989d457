"""The plugin of the tutorial, as docs/plugins.md has it."""

import re
from pathlib import Path


def tutorial_plugin():
    """The code of the plugin that the tutorial writes."""
    text = (Path(__file__).parents[1] / "docs" / "plugins.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    return code


def tutorial_commands():
    """Its command lines, without the program's name and what is said of them."""
    text = (Path(__file__).parents[1] / "docs" / "plugins.md").read_text(encoding="utf-8")
    lines = re.findall(r"^prune3d (\w[^#\n]*)", text, re.MULTILINE)
    return [line.strip() for line in lines]
