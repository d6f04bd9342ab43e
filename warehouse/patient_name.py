"""A patient's name as two files are compared by it: it never leaves the warehouse.

Payers cut names, leave out middle names and suffixes, write them together or apart, and spell them
as their own records do. So a name that is somewhat otherwise contradicts nothing; it is there to
tell the patients apart who share a number, a day and a charge.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import lru_cache

from edi.segment import Name

_APART = re.compile(r"[^A-Z]+")
_SUFFIXES = frozenset(("JR", "SR", "II", "III", "IV", "MD"))
_NICKNAMES = tuple(
    frozenset(group.split())
    for group in (
        "ALBERT AL BERT", "ALEXANDER ALEX", "ANDREW ANDY", "ANTHONY TONY", "BENJAMIN BEN",
        "CATHERINE KATHERINE KATHRYN KATE KATHY CATHY", "CHARLES CHUCK CHARLIE", "DANIEL DAN",
        "DEBORAH DEBRA DEB DEBBIE", "DONALD DON", "DOROTHY DOT", "EDWARD ED TED",
        "ELIZABETH LIZ BETH BETTY ELIZA LISA", "EUGENE GENE", "FRANCES FRAN", "FREDERICK FRED",
        "GERALD GERRY JERRY", "GREGORY GREG", "HAROLD HAL", "HENRY HANK", "JAMES JIM JIMMY",
        "JANE JANET JAN", "JENNIFER JEN JENNY", "JOHN JACK JOHNNY", "JOSEPH JOE", "JUDITH JUDY",
        "LAWRENCE LAURENCE LARRY", "LEONARD LEN", "MARGARET PEGGY MEG MAGGIE MARGE",
        "MATTHEW MATT", "MICHAEL MIKE", "PATRICIA PAT PATTY TRISH", "PATRICK PAT", "PETER PETE",
        "PHILIP PHIL", "REBECCA BECKY", "RICHARD DICK RICK RICH", "ROBERT BOB BOBBY ROB",
        "RONALD RON", "SAMUEL SAM", "STEPHEN STEVEN STEVE", "SUSAN SUE SUZANNE", "THEODORE TED",
        "THOMAS TOM", "TIMOTHY TIM", "VICTORIA VICKY", "WALTER WALT", "WILLIAM BILL WILL BILLY",
    )
)  # fmt: skip
"""First names that a card and a chart may have for one person."""
_ALIKE = 0.75
"""Less than two spellings of one name: JON and JOHN, but neither JOHN and JOAN nor ANN and DAN."""


def name_of(name: Name) -> str | None:
    """LAST|FIRST in capitals, words apart; None where a part is missing.

    >>> from edi.segment import Name
    >>> name_of(Name("QC", "1", "O'Neil-Smith Jr.", "mary ann", "B", *[None] * 5))
    'O NEIL SMITH|MARY ANN B'
    """
    last = _words(name.last_or_organization_name)
    first = _words(" ".join(filter(None, (name.first_name, name.middle_name))))
    return f"{last}|{first}" if last and first else None


def _words(text: str | None) -> str:
    if not text:
        return ""
    text = text.upper()
    if text.isalpha() and text.isascii():  # nearly every name is one word
        return text
    words = [w for w in _APART.split(text) if w]
    return " ".join([w for w in words if w not in _SUFFIXES] or words)


@lru_cache(maxsize=4096)
def agree(one: str | None, other: str | None) -> bool:
    """Whether both are known and can be one person's.

    >>> agree("ONEIL|MARYANN", "O NEIL|MARY ANN B"), agree("SMITH|ROBERT", "SMITH JONES|ROB")
    (True, True)
    >>> agree("SMITH|ANN", "SMITH|BOB"), agree("SMITH|ANN", "JONES|ANN"), agree("SMITH|ANN", None)
    (False, False, False)
    """
    if not one or not other:
        return False
    (last, first), (other_last, other_first) = one.split("|"), other.split("|")
    return (_alike(last, other_last) and _alike(first, other_first)) or (
        # Some payers put the first name before the last.
        _alike(last, other_first) and _alike(first, other_last)
    )


@lru_cache(maxsize=4096)
def differ(one: str | None, other: str | None) -> bool:
    """Whether both are known and no one person's. A last name changes, a first name hardly does.

    >>> differ("SMITH|ANN", "SMITH|BOB"), differ("SMITH|ANN", "JONES|ANN"), differ("A|B", None)
    (True, False, False)
    """
    if not one or not other or agree(one, other):
        return False
    return not _alike(one.split("|")[1], other.split("|")[1])


def _alike(one: str, other: str) -> bool:
    """Cut, written together or apart, with a word more, or nearly spelt so."""
    a, b = one.replace(" ", ""), other.replace(" ", "")
    if a.startswith(b) or b.startswith(a):
        return True
    words, others = one.split(), other.split()
    if any(len(w) > 1 and w in others for w in words):
        return True
    if any(words[0] in group and others[0] in group for group in _NICKNAMES):
        return True
    return SequenceMatcher(None, a, b, autojunk=False).ratio() > _ALIKE
