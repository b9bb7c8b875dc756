"""`hiroba up --tour` with a document of its own: a fresh hub, the commands, the first difference."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.installation import Installation

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("hub")]

DOCUMENT = """\
# A hub

## Tour

```console
$ hiroba tenant list
name …
…
takamatsu  372013  municipality  kagawa  active  高松市
$ {python} -c "import urllib.request as r, os
> print(r.urlopen(os.environ['HIROBA_CATALOG_URL'] + '/health/live').status)"
200
$ echo rain
sun
$ echo never reached
```
"""


def test_a_tour_runs_to_its_first_difference_and_leaves_nothing(tmp_path: Path) -> None:
    installation = Installation(tmp_path / "unused")
    readme = tmp_path / "README.md"
    readme.write_text(DOCUMENT.replace("{python}", sys.executable))
    script = (
        "import sys\nfrom pathlib import Path\nfrom services.local.settings import LocalSettings\n"
        "from services.local.visit import take_tour\nsys.exit(take_tour(LocalSettings(), Path(sys.argv[1])))"
    )
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environment = installation.environment() | {"TMPDIR": str(temporary)}
    command = [sys.executable, "-c", script, str(readme)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 1, done.stdout
    assert f"{readme}:13: the command prints something else\n  echo rain\n" in done.stdout
    assert "  line 1 of its output:\n    rain\n  the document shows:\n    sun\n" in done.stdout
    assert "never reached" not in done.stdout
    assert list(temporary.iterdir()) == []
    assert not (tmp_path / "unused").exists()
