"""Say what went wrong, where, and what to do.

CoverageError
├── ProjectError           project.toml, or an option of a command, cannot be used
├── LayerError             a file or a layer of it cannot be read or used
├── NetworkError           the street network cannot be read or used
├── AccessError            accessibility cannot be measured with what was given
├── SitingError            sites cannot be looked for with what was given
├── PlanError              a plan file cannot be used
├── ScenarioError          a scenario file, or an edit in it, cannot be used
├── OutputError            results cannot be written
├── BatchError             a batch of counties cannot be run
└── MissingPackageError    an optional package is not installed

Each also derives from the built-in error that a Python user would catch. The sentence of an error
stands in `coverage.texts` under the error's key, in Chinese and in English; ``str(error)`` gives it
in the language in use, ``error.text("en")`` in a given one.
"""

from __future__ import annotations

from coverage import texts


class CoverageError(Exception):
    """Carry the key of a sentence and the values that fill it.

    Parameters
    ----------
    key
        Key of the sentence in `coverage.texts`, for instance ``"layers.no_crs"``.
    **values
        What the sentence's placeholders stand for.
    """

    def __init__(self, key: str, /, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values

    def text(self, language: str | None = None) -> str:
        """Return the sentence in a language, by default the one in use."""
        return texts.say(self.key, language, **self.values)

    def __str__(self) -> str:
        return self.text()

    def __reduce__(self) -> tuple[object, ...]:
        # exceptions pickle by positional arguments; ours has keyword ones
        return (_rebuild, (type(self), self.key, self.values))


def _rebuild(kind: type[CoverageError], key: str, values: dict[str, object]) -> CoverageError:
    return kind(key, **values)


class ProjectError(CoverageError, ValueError):
    """Report a project file or an option that cannot be used."""


class LayerError(CoverageError, ValueError):
    """Report a file, or a layer of it, that cannot be read or used."""


class NetworkError(CoverageError, ValueError):
    """Report a street network that cannot be read or used."""


class AccessError(CoverageError, ValueError):
    """Report travel times, amounts or parameters that accessibility cannot be measured with."""


class SitingError(CoverageError, ValueError):
    """Report a siting problem, or options of its solution, that cannot be used."""


class PlanError(CoverageError, ValueError):
    """Report a plan file that cannot be used."""


class ScenarioError(CoverageError, ValueError):
    """Report a scenario file, or an edit in it, that cannot be used."""


class OutputError(CoverageError, OSError):
    """Report results that cannot be written."""


class BatchError(CoverageError, RuntimeError):
    """Report a batch that cannot be run as a whole."""


class MissingPackageError(CoverageError, ImportError):
    """Report an optional package that is not installed."""
