"""How far the demo has come."""

from pathlib import Path

from services.local.demo.progress import Progress, keep_progress, read_progress


def test_a_fresh_directory_has_no_progress(tmp_path: Path) -> None:
    assert read_progress(tmp_path) == Progress()


def test_progress_is_kept(tmp_path: Path) -> None:
    progress = Progress(is_loaded=True, is_shown=True, days=("2023-07-13", "2024-06-23"))
    keep_progress(tmp_path, progress)
    assert read_progress(tmp_path) == progress
