"""Writes YOUNG of widget_server/rules/normal_forms.py, from the releases of unicodedata2: one for each Unicode.

From the version after the first on. What Unicode 15 brought is what Python 3.11 does not know of it (a test compares).
Each is installed into a folder of its own, for a moment.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from itertools import pairwise

RELEASES = ["15.1.0", "16.0.0", "17.0.0", "18.0.0"]
ASK = """
import json, sys
sys.path.insert(0, sys.argv[1])
import unicodedata2 as unicode
every = [chr(code) for code in range(sys.maxunicode + 1)]
apart = [unicode.decomposition(one) for one in every]
parts = {chr(int(part, 16)) for said in apart if not said.startswith("<") for part in said.split()}
moved = {one for one in every if unicode.combining(one)}
taken = {one for one, said in zip(every, apart) if said and not said.startswith("<")}
known = {one for one in every if unicode.category(one) != "Cn"}
print(json.dumps([sorted(map(ord, known)), sorted(map(ord, parts | moved | taken))]))
"""


def asked(release: str) -> tuple[set[int], set[int]]:
    """The code points that a version has, and those that matter to normalising."""
    with tempfile.TemporaryDirectory() as folder:
        install = (sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", folder)
        subprocess.run([*install, f"unicodedata2=={release}"], check=True)
        known, matter = json.loads(subprocess.check_output([sys.executable, "-c", ASK, folder]))
    return set(known), set(matter)


def ranges(codes: list[int]) -> str:
    runs: list[list[int]] = []
    for code in codes:
        if runs and runs[-1][-1] == code - 1:
            runs[-1].append(code)
        else:
            runs.append([code])
    return " ".join(f"{run[0]:X}" + (f"-{run[-1]:X}" if run[1:] else "") for run in runs)


def main(releases: list[str]) -> None:
    found = {release: asked(release) for release in releases}
    for before, release in pairwise(releases):
        known, matter = found[release]
        print(f'{release.partition(".")[0]}: "{ranges(sorted((known & matter) - found[before][0]))}",')


if __name__ == "__main__":
    main(sys.argv[1:] or RELEASES)
