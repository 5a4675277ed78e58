"""Read the sheets of an old workbook (.xls) in a process of its own: bytes in, pickled rows out.

Run as a script by `decoding.sheets_of`. A damaged .xls makes the reader ask for any amount of memory, which ends its
process whatever Python catches: here only this one ends. Not here: what the cells mean.
"""

from __future__ import annotations

import io
import json
import pickle
import sys


def main() -> None:
    """Sheets of the workbook on standard input (those named by the JSON list of the first argument, all for null)."""
    from python_calamine import load_workbook

    wanted = json.loads(sys.argv[1])
    book = load_workbook(io.BytesIO(sys.stdin.buffer.read()))
    names = [n for n in book.sheet_names if wanted is None or n in wanted]
    sheets = {n: book.get_sheet_by_name(n).to_python(skip_empty_area=False) for n in names}
    sys.stdout.buffer.write(pickle.dumps(sheets))


if __name__ == "__main__":
    main()
