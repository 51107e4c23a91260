"""Land files without a build: python -m ingest RAW FOLDER [knob=value …]."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ingest import IngestError, Options, land


def main() -> int:
    """Land and say what was read."""
    parser = argparse.ArgumentParser(prog="python -m ingest", description=__doc__)
    parser.add_argument("raw", help="file, folder, glob or URL")
    parser.add_argument("folder", type=Path, help="folder to land in")
    parser.add_argument("knobs", nargs="*", help="such as file_encoding=cp1252")
    given = parser.parse_args()
    try:
        options = Options.from_knobs(dict(knob.partition("=")[::2] for knob in given.knobs))
        print(land(given.raw, given.folder, options).summary())
    except IngestError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
