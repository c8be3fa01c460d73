"""Whatever stands in a plan file, it is read, set aside or refused with a sentence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coverage.errors import PlanError
from coverage.plans import Plan, known_indicators
from coverage.plans.parameters import TAKES
from coverage.plans.read import _HEAD, _make
from coverage.plans.rows import _KEYS

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3000) | st.floats() | st.text(max_size=5)
    | st.sampled_from(["communities", "townships", "ratio", "count", "elders60", "units", "any"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["of", "field", "where", "min", "all", "units"]), inner),
    max_leaves=5,
)  # fmt: skip
PARAMETERS = sorted({name for names in TAKES.values() for name in names})


def _read(content: dict[str, Any]) -> Plan | None:
    try:
        return _make(content, "own.toml", None, {})
    except PlanError as error:
        said = [error.text(language) for language in ("zh", "en")]
    assert all(said)
    return None


@given(
    st.sampled_from(sorted(known_indicators())),
    st.dictionaries(st.sampled_from(_KEYS), JUNK, max_size=4),
    st.dictionaries(st.sampled_from(PARAMETERS), JUNK, max_size=3),
)
def test_any_row_is_used_or_told(
    indicator: str, junk: dict[str, Any], parameters: dict[str, Any]
) -> None:
    good = {"row": 99, "indicator": "welfare_lottery_outlets"}
    row = {"row": 1, "indicator": indicator, "parameters": parameters, **junk}
    plan = _read({"rows": [good, row]})
    assert plan is not None
    assert 99 in {row.row for row in plan.rows}
    for finding in plan.findings:
        assert finding.message("zh")
        assert finding.message("en")
    if len(plan.rows) == 1:
        assert "error" in {finding.severity for finding in plan.findings}


@given(st.dictionaries(st.sampled_from(_HEAD), JUNK, max_size=4))
def test_any_head_is_used_or_refused(content: dict[str, Any]) -> None:
    _read(content)


@given(
    st.dictionaries(
        st.sampled_from(["zh", "family", "unit", "variants", "parameters", "choices"]), JUNK
    )
)
def test_any_indicator_of_ones_own_is_used_or_told(entry: dict[str, Any]) -> None:
    rows = [{"row": 1, "indicator": "own"}, {"row": 2, "indicator": "eco_cremators"}]
    plan = _read({"indicators": {"own": entry}, "rows": rows})
    assert plan is not None
    assert 2 in {row.row for row in plan.rows}


@pytest.mark.parametrize("key", ["rows", "left_out", "services", "indicators"])
def test_a_file_of_another_shape_is_refused(key: str) -> None:
    with pytest.raises(PlanError) as caught:
        _make({key: 3}, "own.toml", None, {})
    assert caught.value.key == "plans.shape"
