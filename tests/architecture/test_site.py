"""The documentation's site stands alone."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.architecture.tree import ROOT

TAGS = r"script|img|iframe|link rel=\"?(?:stylesheet|preconnect|icon)"
LOADED = re.compile(rf"<(?:{TAGS})[^>]*(?:src|href)=\"?(https?:[^\s\">]+)")


def test_the_site_builds_strictly_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    shutil.copy(ROOT / "zensical.toml", tmp_path)
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    zensical = str(Path(sys.executable).parent / "zensical")
    done = subprocess.run([zensical, "build", "--strict"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    built = sorted((tmp_path / "site").rglob("*.html"))
    assert len(built) > 10
    assert {url for page in built for url in LOADED.findall(page.read_text(encoding="utf-8"))} == set()
