"""What the simulator's tests share: the 5010 guide as pyx12 sees it.

The simulator itself never touches pyx12; only its tests ask it for a second opinion.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable

import pytest
import pyx12.error_handler
import pyx12.params
import pyx12.x12n_document

ERROR_METHODS = ("isa_error", "gs_error", "st_error", "seg_error", "ele_error")


@pytest.fixture
def guide_errors(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], list[object]]:
    """Everything the full check finds wrong with a file; its verdict alone is no proof."""
    errors: list[object] = []

    def note(_: object, *found: object, **more: object) -> None:
        errors.append((found, more))

    for method in ERROR_METHODS:
        monkeypatch.setattr(pyx12.error_handler.err_handler, method, note)
    # Its log would repeat the values of the file.
    monkeypatch.setattr(logging.getLogger("pyx12"), "disabled", True)

    def check(data: bytes) -> list[object]:
        errors.clear()
        text = io.StringIO(data.decode("ascii"))
        if not pyx12.x12n_document.x12n_document(pyx12.params.params(), text, None, None):
            errors.append("the verdict is false")
        return list(errors)

    return check
