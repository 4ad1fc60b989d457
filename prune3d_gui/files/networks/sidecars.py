"""Facts in a JSON file beside another file."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ...core.errors import BadInput
from ..paths import NAME_BYTES, reason_of
from ..texts import read_json


def read_facts(path: Path) -> dict[str, Any]:
    """Read a JSON object, with or without a byte order mark.

    Parameters
    ----------
    path : path
        A file of text; nothing is known where there is none.

    Returns
    -------
    dict

    Raises
    ------
    BadInput
        When it cannot be read as UTF-8, or is no JSON object.
    """
    if len(os.fsencode(path.name)) > NAME_BYTES or not path.is_file():
        return {}
    try:
        found = read_json(path)
    except UnicodeDecodeError as error:
        raise BadInput(f"'{path.name}' is not text in UTF-8; save it as UTF-8.") from error
    except OSError as error:
        raise BadInput(
            f"'{path.name}' cannot be read ({reason_of(error)}); check its rights."
        ) from error
    except (ValueError, RecursionError) as error:
        what = "nested too deeply"
        if isinstance(error, json.JSONDecodeError):
            what = f"line {error.lineno}: {error.msg}"
        raise BadInput(f"'{path.name}' is not JSON ({what}); mend it or take it away.") from error
    if not isinstance(found, dict):
        raise BadInput(
            f"'{path.name}' holds no JSON object; write the facts as {{\"name\": value}}."
        )
    return found
