"""Every check that needs no test: `make check`. All of them run; what failed is shown, and named at the end."""

import os
import secrets
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
SKIPPED = {".venv", "node_modules", "static_vendor", "var"}


@dataclass(frozen=True)
class Check:
    name: str
    command: list[str | Path]
    environment: dict[str, str] = field(default_factory=dict)


def templates() -> list[Path]:
    """Every template of ours; those of packages are theirs."""
    return [
        path
        for path in ROOT.glob("**/templates/**/*")
        if path.suffix in {".html", ".txt"} and not SKIPPED & set(path.relative_to(ROOT).parts)
    ]


def production(folder: str) -> dict[str, str]:
    """An environment that production accepts, with values that are made here and used nowhere else."""
    password = secrets.token_urlsafe(24)
    return {
        "EMS_ENV": "production",
        "EMS_VAR": folder,
        "DJANGO_SECRET_KEY": secrets.token_urlsafe(60),
        "ALLOWED_HOSTS": "supply.example.org",
        "DATABASE_URL": f"postgresql://supply:{password}@127.0.0.1:1/supply",
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }


def checks(folder: str) -> list[Check]:
    """The slow one first, so that the others run beside it."""
    manage = [sys.executable, "-W", "error::DeprecationWarning:ems_supply", "manage.py"]
    return [
        Check("types", [BIN / "mypy", "."]),
        Check("lint", [BIN / "ruff", "check", "--quiet"]),
        Check("format", [BIN / "ruff", "format", "--check", "--quiet"]),
        Check("import contracts", [BIN / "lint-imports", "--no-cache"]),
        Check("templates", [BIN / "djade", "--check", "--target-version", "5.2", *templates()]),
        Check(
            "migrations", [*manage, "makemigrations", "--check", "--dry-run"], {"EMS_ENV": "test", "EMS_VAR": folder}
        ),
        Check("deployment", [*manage, "check", "--deploy", "--fail-level", "WARNING"], production(folder)),
        Check("static files", [*manage, "collectstatic", "--noinput", "--verbosity", "0"], production(folder)),
    ]


def run(check: Check) -> bool:
    """Run one, show what it says when it fails."""
    began = time.monotonic()
    inherited = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    done = subprocess.run(
        check.command,
        cwd=ROOT,
        env=inherited | check.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    is_good = done.returncode == 0
    print(f"{'ok    ' if is_good else 'FAILED'} {check.name} ({time.monotonic() - began:.1f} s)", flush=True)
    if not is_good:
        print(done.stdout, flush=True)
    return is_good


def main() -> int:
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(max_workers=2) as pool:
        every = checks(folder)
        failed = [check.name for check, is_good in zip(every, pool.map(run, every), strict=True) if not is_good]
    print(f"Failed: {', '.join(failed)}" if failed else "Every check passed.")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
