"""Land files without a build: python -m ingest RAW FOLDER [knob=value …]."""

from __future__ import annotations

import sys
from pathlib import Path

from ingest import IngestError, Options, land


def main() -> int:
    """Land and say what was read."""
    raw, folder, *knobs = sys.argv[1:]
    try:
        options = Options.from_knobs(dict(knob.split("=", 1) for knob in knobs))
        print(land(raw, Path(folder), options).summary())
    except IngestError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
