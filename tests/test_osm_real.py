"""Projects from real OSM extracts."""

from __future__ import annotations

from pathlib import Path

import pytest
from extracts import read_layer

from coverage.configuration import read_configuration
from coverage.osm_project import create_project


@pytest.mark.real
def test_stockheim(real_data: Path, tmp_path: Path) -> None:
    extract = create_project(tmp_path / "project", real_data / "streets" / "stockheim.osm.pbf")
    # Altenstadt, Glauburg and Limeshain close; the rest is one
    assert (extract.townships, extract.township_level) == (4, 8)
    assert extract.community_levels == (10, 9)
    townships = read_layer(tmp_path / "project", "townships")
    assert list(townships["name"][:3]) == ["Altenstadt", "Glauburg", "Limeshain"]
    assert townships["buildings"].sum() == extract.demand
    # the file's 22 care homes and community centres
    assert extract.facilities["eldercare_institution"] == 5
    assert extract.facilities["community_service_facility"] == 17
    # 9,528 residential by their tag, 2,107 numbered, some of the rest
    assert 11_000 < extract.demand < 14_000
    communities = read_layer(tmp_path / "project", "communities").to_crs(32632)
    assert communities.area.sum() == pytest.approx(communities.union_all().area, rel=1e-9)
    read_configuration(tmp_path / "project")


@pytest.mark.real
@pytest.mark.parametrize(
    ("file", "level", "demand_from"),
    [
        ("cn_fujian_ninghua_small.osm", None, "buildings"),
        ("cn_shenzhen_longgang.osm", None, "buildings"),
        ("West-Oakland.osm.bz2", None, "buildings"),
        ("andorra.osm.pbf", 7, "buildings"),
        # its ways are not in order, and it has neither buildings nor relations
        ("columbus.osm.pbf", None, "streets"),
    ],
)
def test_a_project_is_always_written(
    file: str, level: int | None, demand_from: str, real_data: Path, tmp_path: Path
) -> None:
    extract = create_project(tmp_path / "project", real_data / "streets" / file)
    assert (extract.township_level, extract.demand_from) == (level, demand_from)
    assert extract.demand == len(read_layer(tmp_path / "project", "demand")) > 0
    read_configuration(tmp_path / "project")


@pytest.mark.real
def test_shenzhen_with_its_streets(real_data: Path, tmp_path: Path) -> None:
    areas = real_data / "boundaries" / "shenzhen_jiedao_74.geojson"
    osm = real_data / "streets" / "cn_shenzhen_longgang.osm"
    extract = create_project(tmp_path / "project", osm, boundaries=areas)
    townships = read_layer(tmp_path / "project", "townships")
    assert 1 < extract.townships < 8
    assert townships["buildings"].sum() == extract.demand
