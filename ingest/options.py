"""What a shop declares about its files: the knobs file_… of dbt_project.yml."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ingest.contract import IngestError, Table, raw_contract

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
KNOBS = ("file_encoding", "file_delimiter", "file_quote", "file_sheet")


@dataclass(frozen=True)
class Options:
    """How files are written. Each is one text for all, or a mapping from entity to text."""

    file_encoding: str | Mapping[str, str] = ""
    file_delimiter: str | Mapping[str, str] = ""
    file_quote: str | Mapping[str, str] = '"'
    file_sheet: str | Mapping[str, str] = ""

    @classmethod
    def from_knobs(cls, knobs: Mapping[str, Any]) -> Options:
        """The options among the knobs; whatever cannot be meant is an error that names the knob."""
        options = cls(**{name: knobs[name] for name in KNOBS if name in knobs})
        for name in KNOBS:
            value = getattr(options, name)
            for entity in value if isinstance(value, Mapping) else ():
                if entity not in raw_contract():
                    raise IngestError(
                        f"{name}: {entity!r} is no entity; there are {', '.join(raw_contract())}"
                    )
            for text in value.values() if isinstance(value, Mapping) else [value]:
                if not isinstance(text, str):
                    raise IngestError(
                        f"{name} must be a text, or a text per entity such as "
                        f"{{orders: …}}, not {value!r}"
                    )
                check(name, text)
        return options

    def of(self, table: Table, knob: str) -> str:
        """What is declared for the files of a table."""
        value = getattr(self, knob)
        text = value.get(table.entity, "") if isinstance(value, Mapping) else value
        if knob == "file_quote" and isinstance(value, Mapping) and table.entity not in value:
            text = '"'
        if knob == "file_quote":
            return "" if text.lower() == "none" else text
        return DELIMITERS.get(text.lower(), text) if knob == "file_delimiter" else text


def check(name: str, text: str) -> None:
    """Stop at a value that no file can have."""
    if name == "file_encoding" and text:
        try:
            "a".encode(text)
            codecs.getincrementaldecoder(text)
        except (LookupError, TypeError, UnicodeError) as error:
            raise IngestError(
                f"file_encoding: {text!r} is no encoding. Usual ones are utf-8, utf-16, cp1252 "
                "(Excel on Windows) and latin-1."
            ) from error
    if name == "file_delimiter" and text:
        letter = DELIMITERS.get(text.lower(), text)
        if len(letter) != 1 or not letter.isascii() or letter.isalnum() or letter in '"\r\n':
            raise IngestError(
                f"file_delimiter: {text!r} must be one character that is no letter, digit or "
                f"quote, or one of {', '.join(DELIMITERS)}"
            )
    if name == "file_quote" and text.lower() not in ("", "none", '"', "'"):
        raise IngestError(f"file_quote: {text!r} must be \", ' or none")
