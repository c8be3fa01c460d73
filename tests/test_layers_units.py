"""Townships and communities: codes, polygons, points, sums."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
import shapely
from layer_files import A, B, communities, found, read, townships

from coverage.layers import Source

if TYPE_CHECKING:
    from pathlib import Path


class TestUnits:
    def test_codes_are_made_of_names_where_they_are_missing(
        self, county: dict[str, Source], tmp_path: Path
    ) -> None:
        townships()[["name", "geometry"]].to_file(tmp_path / "t.gpkg")
        text = "社区,乡镇（街道）\n和平社区,甲街道\n和平社区,乙镇\n新村,乙\n"
        (tmp_path / "c.csv").write_text(text, encoding="utf-8")
        sources = {"townships": Source(path=tmp_path / "t.gpkg")}
        sources["communities"] = Source(path=tmp_path / "c.csv")
        layers, issues = read({**county, **sources})
        assert layers.townships["code"].tolist() == ["甲街道", "乙镇"]
        assert layers.townships["county"].tolist() == ["", ""]
        assert layers.communities["code"].tolist() == ["甲街道和平社区", "乙镇和平社区", "新村"]
        assert layers.communities["township"].tolist() == ["甲街道", "乙镇", "乙镇"]
        assert "duplicate_id" not in issues["code"].tolist()

    def test_a_repeated_code_is_set_aside(self, county: dict[str, Source], tmp_path: Path) -> None:
        twice = pd.concat([townships(), townships().iloc[[0]].assign(name="另一个")])
        twice.to_file(tmp_path / "t.gpkg")
        layers, issues = read({**county, "townships": Source(path=tmp_path / "t.gpkg")})
        assert layers.townships["name"].tolist() == ["甲街道", "乙镇"]
        assert found(issues, "duplicate_id") == [("townships", 3, "code", A)]

    def test_of_a_repeated_code_the_row_with_a_polygon_stays(
        self, county: dict[str, Source], tmp_path: Path
    ) -> None:
        empty = townships().iloc[[0]].assign(geometry=[None])
        pd.concat([empty, townships()]).to_file(tmp_path / "t.gpkg")
        layers, issues = read({**county, "townships": Source(path=tmp_path / "t.gpkg")})
        assert layers.townships.geometry.notna().all()
        assert found(issues, "duplicate_id") == [("townships", 1, "code", A)]
        assert found(issues, "no_polygon") == []

    def test_a_bow_tie_is_mended(self, county: dict[str, Source], tmp_path: Path) -> None:
        """Two triangles that meet in the middle of a 1 x 1 square: half of its area."""
        bow = shapely.Polygon([(107.4, 29.7), (107.5, 29.8), (107.5, 29.7), (107.4, 29.8)])
        frame = townships()
        frame.loc[1, "geometry"] = bow
        whole = townships().to_crs(4545).area.iloc[1]
        frame.to_file(tmp_path / "t.gpkg")
        layers, issues = read({**county, "townships": Source(path=tmp_path / "t.gpkg")})
        mended = layers.townships.geometry.iloc[1]
        assert mended.is_valid
        assert mended.area == pytest.approx(whole / 2, rel=1e-3)
        assert [issue[:2] for issue in found(issues, "repaired_geometry")] == [("townships", 2)]

    def test_points_become_the_part_of_the_township_nearest_to_them(
        self, county: dict[str, Source], tmp_path: Path
    ) -> None:
        """The two points of 甲街道 stand in the middle of its halves: so the halves are theirs."""
        text = (
            "name,lon,lat\n甲东社区,107.35,29.775\n甲西社区,107.35,29.725\n乙村,107.41,29.71\n"
            "乙村旁,107.41,29.71\n"
        )
        (tmp_path / "c.csv").write_text(text, encoding="utf-8")
        expected, _ = read(county)
        layers, issues = read({**county, "communities": Source(path=tmp_path / "c.csv")})
        result = layers.communities
        assert result["place"].tolist() == ["point"] * 4
        assert result["township"].tolist() == [A, A, B, B]
        for position in range(3):
            drawn = expected.communities.geometry.iloc[position]
            cell = result.geometry.iloc[position]
            assert cell.symmetric_difference(drawn).area < 0.002 * drawn.area
        # two points in one place: the first has the area
        assert result.geometry.iloc[3] is None
        assert [issue[1] for issue in found(issues, "community_without_cell")] == [5]

    def test_points_share_what_polygons_leave(
        self, county: dict[str, Source], tmp_path: Path
    ) -> None:
        frame = communities()
        frame.loc[1, "geometry"] = shapely.Point(107.31, 29.71)
        frame.to_file(tmp_path / "c.gpkg")
        expected, _ = read(county)
        layers, _ = read({**county, "communities": Source(path=tmp_path / "c.gpkg")})
        assert layers.communities["place"].tolist() == ["polygon", "point", "polygon"]
        drawn = expected.communities.geometry.iloc[1]
        cell = layers.communities.geometry.iloc[1]
        # edges that are straight in degrees differ by centimetres where a side has more corners
        assert cell.symmetric_difference(drawn).area < 1e-4 * drawn.area

    def test_where_a_community_lies_decides_against_what_it_declares(
        self, county: dict[str, Source], tmp_path: Path
    ) -> None:
        frame = communities().assign(township=["甲街道办事处", "乙镇", "丙镇"])
        frame.to_file(tmp_path / "c.gpkg")
        layers, issues = read({**county, "communities": Source(path=tmp_path / "c.gpkg")})
        assert layers.communities["township"].tolist() == [A, A, B]
        assert found(issues, "declared_elsewhere") == [("communities", 2, "township", "乙镇")]
        assert found(issues, "unknown_township") == [("communities", 3, "township", "丙镇")]

    def test_sums_are_compared_at_one_percent(
        self, county: dict[str, Source], tmp_path: Path
    ) -> None:
        """300 declared; 297 is exactly 1 % apart and passes, 296 is further."""
        for second, rows in ((197, []), (196, [("townships", 1, "population", "300")])):
            frame = communities()
            frame.loc[1, "population"] = second
            frame.to_file(tmp_path / "c.gpkg")
            _, issues = read({**county, "communities": Source(path=tmp_path / "c.gpkg")})
            assert found(issues, "sums_differ") == rows

    def test_a_missing_total_is_named_and_its_township_not_compared(
        self, county: dict[str, Source], tmp_path: Path
    ) -> None:
        frame = communities()
        frame["population"] = [100, None, 200]
        frame.to_file(tmp_path / "c.gpkg")
        _, issues = read({**county, "communities": Source(path=tmp_path / "c.gpkg")})
        assert found(issues, "missing_total") == [("communities", 2, "population", "甲西社区")]
        assert found(issues, "sums_differ") == []
