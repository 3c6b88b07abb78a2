"""Cut a prompt into tokens: words, single characters of scripts without blanks, numbers, marks and symbols."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple

Kind = Literal["word", "han", "mark", "symbol"]

# Han, Kana and Hangul are matched character by character: their words are not set apart, or carry particles.
_HAN = "\u3400-\u9fff\uf900-\ufaff\u3041-\u309f\u30a1-\u30ff\uac00-\ud7a3"
_TOKEN = re.compile(
    rf"(?P<han>[{_HAN}])"
    rf"|(?P<word>(?:[^\W_{_HAN}])+(?:['’][^\W\d_{_HAN}]+)*)"
    r"|(?P<mark>[,.;:!?,。;:!?()\n、،؛؟])"
    r"|(?P<symbol>[\u2190-\u21ff\u2300-\u2bff\U0001f000-\U0001faff])"
)


class Token(NamedTuple):
    """A piece of the prompt.

    Attributes:
        text: In lower case, NFKC; characters of scripts without blanks come one by one.
        kind: What it is.
        glued: Nothing stands between it and the token before.
    """

    text: str
    kind: Kind
    glued: bool = False


def tokens_of(text: str) -> list[Token]:
    """The tokens in order. Blanks, hyphens, quotes, control characters and joiners only separate.

    Time grows with the length of the text and nothing else: the pattern has no nested repetition.
    """
    plain = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    out: list[Token] = []
    end = -1
    for match in _TOKEN.finditer(plain):
        # lastgroup is one of the four names by construction
        out.append(Token(match.group(), match.lastgroup, match.start() == end))  # type: ignore[arg-type]
        end = match.end()
    return out
