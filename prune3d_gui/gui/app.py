"""The program: shows its window first, then loads what is heavy."""

from __future__ import annotations

import argparse
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QApplication

from ..core.registry import discover, plugin_folder
from ..core.threads import share_cores
from .state.settings import Settings
from .window import MainWindow

WAKE_MS = 250
"""How often Python gets a turn to see Ctrl+C in the terminal."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program until its window is closed.

    Parameters
    ----------
    argv : sequence of str
        Arguments without the program's name.

    Returns
    -------
    int
        The exit status.
    """
    args = _parser().parse_args(argv)
    share_cores()
    if args.plugins:
        print(plugin_folder())
        return 0
    moment = None
    if args.show is not None:
        from ..files.moments import read_moment

        moment = read_moment(args.show)
    app = QApplication.instance() or QApplication(["prune3d"])
    app.setApplicationName("Prune3D")
    app.setDesktopFileName("prune3d")
    window = MainWindow(discover, Settings(), args.system, args.path or args.open)
    if moment is not None:
        window.from_export.start_with(moment, args.show)
    interrupts = _Interrupts(app, window)
    before = sys.excepthook
    sys.excepthook = lambda *error: _unexpected(window, *error)
    window.show()
    QTimer.singleShot(0, lambda: QTimer.singleShot(0, window.start))
    try:
        return app.exec()
    finally:
        sys.excepthook = before
        interrupts.stop()
        window.close()
        window.deleteLater()
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


class _Interrupts:
    """Closes the window on Ctrl+C in the terminal.

    The signal only leaves a mark: it may come in the midst of anything, such as the
    start of the 3D views. A timer sees the mark between two events.
    """

    def __init__(self, app: QApplication, window: MainWindow) -> None:
        self._app, self._window = app, window
        self._caught = False
        self._before = signal.signal(signal.SIGINT, self._mark)
        self._timer = QTimer()
        self._timer.timeout.connect(self._look)
        self._timer.start(WAKE_MS)

    def _mark(self, *_: object) -> None:
        self._caught = True

    def _look(self) -> None:
        if self._caught:
            self._window.close()
            self._app.exit(0)

    def stop(self) -> None:
        """Give Ctrl+C its old meaning back."""
        self._timer.stop()
        signal.signal(signal.SIGINT, self._before)


def _unexpected(window: MainWindow, kind, error, trace) -> None:
    """Show what nobody foresaw as a notice, and print it too."""
    details = "".join(traceback.format_exception(kind, error, trace))
    sys.stderr.write(details)
    window.notices.show("error", f"Something unexpected happened: {error}.", details)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("prune3d gui", description="Open the window.")
    text = "a network, a sample or a folder to open; every system is asked what it is"
    parser.add_argument("path", nargs="?", type=Path, metavar="PATH", help=text)
    parser.add_argument("--open", type=Path, metavar="PATH", help="the same, as a flag")
    text = "an exported file: begin with what it was made from"
    parser.add_argument("--show", type=Path, metavar="FILE", help=text)
    parser.add_argument(
        "--system", default="", metavar="ID", help="the system to start with, or to open PATH"
    )
    parser.add_argument(
        "--plugins", action="store_true", help="print the folder of your own plugins, and stop"
    )
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
