"""Builds the wheel twice, the compressed assets included: from copies of the tracked files in folders of other names,
with other times and rights. The bytes must be the same, so that anybody can tell what a published wheel was built from.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def wheel(home: Path, *, umask: int, written_at: int) -> Path:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, tracked.split("\0")):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, home / name)
        os.utime(home / name, (written_at, written_at))
    here = {**os.environ, "PYTHONPATH": str(home)}
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--quiet", "--outdir", str(home / "dist")]
    for command in ([sys.executable, ".ci/assets.py"], build):
        subprocess.run(command, cwd=home, env=here, umask=umask, check=True, stdout=subprocess.DEVNULL)
    return next((home / "dist").iterdir())


def main() -> int:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory(suffix=" of another name") as other:
        wheels = [
            wheel(Path(one), umask=0o022, written_at=1_500_000_000),
            wheel(Path(other) / "deeper", umask=0o077, written_at=1_700_000_000),
        ]
        digests = {hashlib.sha256(path.read_bytes()).hexdigest() for path in wheels}
        same = len(digests) == 1
        print(f"{'ok ' if same else 'DIFFERENT'} {wheels[0].name}, built twice: {' and '.join(sorted(digests))}")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
