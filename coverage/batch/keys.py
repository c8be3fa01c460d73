"""Tell whether a county is as it was: a digest of everything its figures rest on."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from coverage import METHOD_VERSION, __version__, texts
from coverage.outputs.digests import file_digest, files_of

if TYPE_CHECKING:
    from pathlib import Path

    from coverage.configuration import Configuration


class Keys:
    """Digest the inputs of many counties, files that several share only once.

    Clocks and file times lie, after a copy or a restore: only content counts.
    """

    def __init__(self) -> None:
        self._known: dict[Path, str] = {}

    def of(self, configuration: Configuration) -> str:
        """Return the key of a county; empty where an input is a database, which may change.

        Parameters
        ----------
        configuration
            Its project file, read.
        """
        sources, _ = configuration.sources(configuration.year)
        if any(source.database for source in sources.values()):
            return ""
        said = hashlib.sha256()
        words = (
            __version__,
            str(METHOD_VERSION),
            texts.language(),
            self._digest(configuration.path),
        )
        plan = repr(sorted(configuration.plan.content.items()))
        for word in (*words, plan):
            said.update(word.encode())
        named = {name: source.path for name, source in sources.items()}
        for name, path in sorted({**named, "network": configuration.network.path}.items()):
            for file in files_of(path):
                said.update(f"{name}{file.name}{self._digest(file)}".encode())
        return said.hexdigest()

    def _digest(self, file: Path) -> str:
        if file not in self._known:
            self._known[file] = file_digest(file)
        return self._known[file]
