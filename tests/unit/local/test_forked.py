"""Processes that begin as copies: from a Python of its own, as a test's own has threads."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

MODULE = """\
import json, os, sys, time
from pathlib import Path
seen = {
    "arguments": sys.argv[1:],
    "told": os.environ["TOLD"],
    "title": Path("/proc/self/cmdline").read_text().strip(chr(0)).split()[-2:],
    "session": os.getsid(0) == os.getpid(),
    "holds_lock": "/lock" in str([os.path.realpath(each) for each in Path("/proc/self/fd").iterdir()]),
}
print(json.dumps(seen))
match sys.argv[1]:
    case "exits":
        sys.exit(3)
    case "says":
        sys.exit("no")
    case "raises":
        raise ValueError("it breaks")
    case "stays":
        time.sleep(60)
"""
SCRIPT = """\
import json, sys
from pathlib import Path
from services.local.child import Child, Command
lock = open("lock", "a")
ends = {}
for what in ("exits", "says", "raises", "returns", "stays"):
    log = Path(what + ".log")
    arguments = [sys.executable, "-m", "forked_here", what, "now"]
    child = Child(Command(what, arguments, {"TOLD": "so"}, log, is_ours=True))
    child.start()
    if what == "stays":
        while not log.read_text():
            pass
        child.terminate()
    while (code := child.poll()) is None:
        pass
    ends[what] = code
print(json.dumps(ends))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every service starts a Python of its own")
def test_a_copy_runs_a_module_with_its_own_arguments_environment_and_log(tmp_path: Path) -> None:
    (tmp_path / "forked_here.py").write_text(MODULE)
    (tmp_path / "script.py").write_text(SCRIPT)
    done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"exits": 3, "says": 1, "raises": 1, "returns": 0, "stays": -15}
    for what in ("exits", "says", "raises", "returns", "stays"):
        seen = json.loads((tmp_path / f"{what}.log").read_text().splitlines()[0])
        title = [what, "now"]
        assert seen == {"arguments": title, "told": "so", "title": title, "session": True, "holds_lock": False}
    assert (tmp_path / "says.log").read_text().splitlines()[1:] == ["no"]
    assert (tmp_path / "raises.log").read_text().splitlines()[-1] == "ValueError: it breaks"
