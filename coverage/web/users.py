"""Who may sign in: a file of names and scrambled passwords."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections import defaultdict
from threading import Lock
from typing import TYPE_CHECKING

from coverage.errors import ProjectError
from coverage.outputs import replace_file

if TYPE_CHECKING:
    from pathlib import Path

LEAST_LETTERS = 8  # of a password
_COST = {"n": 2**15, "r": 8, "p": 1, "maxmem": 64 * 2**20}  # 32 MB, a tenth of a second
_SALT_BYTES = 16
_TRIES = 5  # wrong passwords in a row, then a pause
_PAUSE_S = 60.0


class Users:
    """Check names and passwords against a file.

    Parameters
    ----------
    file
        Written by ``coverage-planner user``; it is read again at each sign-in.

    Raises
    ------
    ProjectError
        If the file cannot be read or names nobody.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = Lock()
        self._failures: dict[str, list[float]] = defaultdict(list)
        if not _read(file):
            raise ProjectError("web.no_users", path=file)

    def check(self, name: str, password: str, caller: str) -> bool:
        """Return whether a password is right; after a few wrong ones, none is for a minute.

        Parameters
        ----------
        name, password
            What was entered.
        caller
            Address it was entered from.
        """
        if self.paused(name, caller):
            return False
        known = _read(self._file).get(name)
        # an unknown name takes as long as a known one
        salt, wanted = known or (b"\0" * _SALT_BYTES, b"")
        right = hmac.compare_digest(_scrambled(password, salt), wanted) and known is not None
        with self._lock:
            if right:
                self._failures.pop(name, None)
            else:
                for who in (name, caller):
                    self._failures[who].append(time.monotonic())
        return right

    def paused(self, name: str, caller: str) -> bool:
        """Return whether too many wrong passwords were entered for a name or from an address.

        Parameters
        ----------
        name, caller
            As for `check`.
        """
        since = time.monotonic() - _PAUSE_S
        with self._lock:
            for who in (name, caller):
                recent = [at for at in self._failures.get(who, ()) if at > since]
                if recent:
                    self._failures[who] = recent
                else:
                    self._failures.pop(who, None)
            return any(len(self._failures.get(who, ())) >= _TRIES for who in (name, caller))


def add_user(file: Path, name: str, password: str) -> None:
    """Add somebody to a file of users, or change the password; others stay.

    Parameters
    ----------
    file
        The file; it is made where it is missing, readable to its owner only.
    name, password
        Whom to add.

    Raises
    ------
    ProjectError
        If the file is not one of users, or the password is too short.
    """
    if len(password) < LEAST_LETTERS:
        raise ProjectError("web.short_password", least=LEAST_LETTERS)
    users = _read(file) if file.exists() else {}
    salt = secrets.token_bytes(_SALT_BYTES)
    users[name] = (salt, _scrambled(password, salt))
    entries = {
        who: {"salt": base64.b64encode(salt).decode(), "scrypt": base64.b64encode(key).decode()}
        for who, (salt, key) in sorted(users.items())
    }
    replace_file(file, (json.dumps(entries, ensure_ascii=False, indent=2) + "\n").encode("utf-8"))
    file.chmod(0o600)


def _read(file: Path) -> dict[str, tuple[bytes, bytes]]:
    try:
        entries = json.loads(file.read_text(encoding="utf-8"))
        return {
            str(name): (base64.b64decode(entry["salt"]), base64.b64decode(entry["scrypt"]))
            for name, entry in entries.items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ProjectError("web.bad_users", path=file) from error


def _scrambled(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8"), salt=salt, **_COST)
