"""What a window needs before it is shown, so that 3D views can join it later."""

from __future__ import annotations

from PySide6.QtGui import QSurfaceFormat
from PySide6.QtOpenGLWidgets import QOpenGLWidget
from PySide6.QtWidgets import QWidget


def prepare(widget: QWidget) -> None:
    """Make the window of `widget` one that can hold 3D views.

    Qt rebuilds a visible window when its first 3D view comes, which flickers, so a hidden
    one is put there from the start. The format must be known before the window exists, or
    it stays black on Wayland; it is the one that VTK's shaders are written for.

    Parameters
    ----------
    widget : QWidget
        Part of a window that was not shown yet.
    """
    form = QSurfaceFormat()
    form.setRenderableType(QSurfaceFormat.RenderableType.OpenGL)
    form.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
    form.setVersion(3, 2)
    form.setSwapBehavior(QSurfaceFormat.SwapBehavior.DoubleBuffer)
    for bits in (form.setRedBufferSize, form.setGreenBufferSize, form.setBlueBufferSize):
        bits(8)
    form.setAlphaBufferSize(8)
    form.setDepthBufferSize(8)
    form.setStencilBufferSize(0)
    form.setSamples(0)
    QSurfaceFormat.setDefaultFormat(form)
    QOpenGLWidget(widget).hide()
