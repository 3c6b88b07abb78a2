"""Cut a prompt into tokens: words, single Han characters, numbers, marks and symbols."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple

Kind = Literal["word", "han", "mark", "symbol"]

_HAN = "\u3400-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(
    rf"(?P<han>[{_HAN}])"
    rf"|(?P<word>(?:[^\W_{_HAN}])+(?:['’][^\W\d_{_HAN}]+)*)"
    r"|(?P<mark>[,.;:!?,。;:!?()\n])"
    r"|(?P<symbol>[\u2190-\u21ff\u2300-\u2bff\U0001f000-\U0001faff])"
)


class Token(NamedTuple):
    """A piece of the prompt: `text` in lower case, NFKC; Han characters come one by one."""

    text: str
    kind: Kind


def tokens_of(text: str) -> list[Token]:
    """The tokens in order. Blanks, hyphens, quotes, control characters and joiners only separate.

    Time grows with the length of the text and nothing else: the pattern has no nested repetition.
    """
    plain = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    return [Token(match.group(), match.lastgroup) for match in _TOKEN.finditer(plain)]  # type: ignore[arg-type]  # the groups are the kinds
