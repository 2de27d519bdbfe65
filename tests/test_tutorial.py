"""The tutorial runs as it stands."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "tutorial.md"


def blocks(language: str) -> list[str]:
    """The code of the page in one language, but for the installation."""
    found = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return [block for block in found if "pip install" not in block]


def run(command: list[str], folder: Path) -> str:
    module = {"framing": "framing.cli", "framing-train": "training.cli"}[command[0]]
    code = f"import sys; from {module} import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", code, *command[1:]],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that looks like a clone to the commands of the page."""
    made = tmp_path_factory.mktemp("tutorial")
    (made / "data").symlink_to(ROOT / "data")
    return made


def test_the_commands_and_the_code_of_the_tutorial_run(folder: Path) -> None:
    said = [run(shlex.split(line), folder) for block in blocks("sh") for line in joined(block)]
    assert (folder / "roles-model" / "model.safetensors").is_file()
    report = (folder / "roles-model-report" / "report.md").read_text(encoding="utf-8")
    assert "role" in report and "macro F1" in report
    assert any("no worse" in text or "better" in text for text in said)
    (code,) = blocks("python")
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    first = done.stdout.splitlines()[0].split()[0]
    assert first in {"event", "background", "reaction", "outlook", "opinion"}


def joined(block: str) -> list[str]:
    """The commands of a block, continued lines put together."""
    return [line for line in block.replace("\\\n", " ").splitlines() if line.strip()]
