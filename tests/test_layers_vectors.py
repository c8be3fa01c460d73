"""Vector files of every kind, and files that are not what they say."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coverage.errors import CoverageError, LayerError
from coverage.layers import Source
from coverage.layers.files.vectors import read_vector

SHAPES = [shapely.box(107.3, 29.7, 107.4, 29.8), shapely.box(107.4, 29.7, 107.5, 29.8)]


def towns() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"name": ["甲街道", "乙镇"]}, geometry=SHAPES, crs=4326)


def write(frame: gpd.GeoDataFrame, path: Path) -> Path:
    """Write a frame in the kind that the name of the file says."""
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    elif path.suffix == ".shp":
        frame.to_file(path, encoding="UTF-8")
    else:
        driver = {".kml": "KML", ".gdb": "OpenFileGDB", ".tab": "MapInfo File"}.get(path.suffix)
        frame.to_file(path, driver=driver)
    return path


def zipped(files: list[tuple[Path, str]], path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for file, name in files:
            archive.write(file, name)
    return path


def names_of(path: Path, **options: Any) -> list[str]:
    raw = read_vector(Source(path=path, **options), "townships")
    assert raw.geometry is not None
    column = [h.lower() for h in raw.headers].index("name")
    # a FlatGeobuf has its own order
    found = dict(zip(raw.cells[column], raw.geometry.to_crs(4326), strict=True))
    for name, shape in zip(["甲街道", "乙镇"], SHAPES, strict=True):
        assert found[name].symmetric_difference(shape).area < 1e-9
    return list(found)


@pytest.mark.parametrize(
    "suffix", [".gpkg", ".shp", ".geojson", ".json", ".kml", ".gdb", ".parquet", ".fgb", ".tab"]
)
def test_kinds_of_files(tmp_path: Path, suffix: str) -> None:
    if suffix == ".json":
        write(towns(), tmp_path / "t.geojson").rename(tmp_path / "t.json")
    else:
        write(towns(), tmp_path / f"t{suffix}")
    assert set(names_of(tmp_path / f"t{suffix}")) == {"甲街道", "乙镇"}


@pytest.mark.parametrize("suffix", [".shp", ".gdb", ".gpkg", ".kml"])
def test_zips_with_names_in_gbk(tmp_path: Path, suffix: str) -> None:
    write(towns(), tmp_path / f"t{suffix}")
    path = tmp_path / f"t{suffix}"
    parts = sorted(path.iterdir()) if path.is_dir() else sorted(tmp_path.glob("t.*"))
    # what Chinese Windows writes: GBK, not declared
    folder = "边界".encode("gbk").decode("cp437")
    inner = f"{folder}/t.gdb" if path.is_dir() else folder
    packed = zipped([(part, f"{inner}/{part.name}") for part in parts], tmp_path / "z.zip")
    assert names_of(packed) == ["甲街道", "乙镇"]


def test_a_folder_of_one_shapefile(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    write(towns(), tmp_path / "folder" / "t.shp")
    assert names_of(tmp_path / "folder") == ["甲街道", "乙镇"]


def test_a_bare_geometry_and_a_collection(tmp_path: Path) -> None:
    shapes = [SHAPES[0], shapely.GeometryCollection(SHAPES)]
    for shape in shapes:
        path = tmp_path / "bare.geojson"
        path.write_text(shapely.to_geojson(shape), encoding="utf-8")
        raw = read_vector(Source(path=path), "townships")
        assert raw.geometry is not None
        assert raw.geometry.iloc[0].equals(shape) or len(raw.geometry.iloc[0].geoms) == 2
        assert raw.headers == ()


def test_a_list_of_records_is_a_table(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    rows = [{"名称": "甲", "lat": 29.7, "lon": 107.3}, {"名称": "乙"}]
    path.write_text(json.dumps(rows), encoding="utf-8")
    raw = read_vector(Source(path=path), "facilities")
    assert raw.headers == ("名称", "lat", "lon")
    assert raw.geometry is None
    assert len(raw.rows) == 2


@pytest.mark.parametrize(
    "suffix", [".gpkg", ".shp", ".geojson", ".kml", ".parquet", ".fgb", ".zip"]
)
@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 renamed", b"PK\x03\x04", b"{", b"\0" * 99])
def test_what_is_not_what_it_says(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = tmp_path / f"x{suffix}"
    path.write_bytes(content)
    for companion in (".dbf", ".shx"):
        path.with_suffix(companion).write_bytes(b"")
    with pytest.raises(LayerError, match=f"x{suffix}") as caught:
        read_vector(Source(path=path), "townships")
    assert "townships" in caught.value.text("en")


@pytest.mark.parametrize(
    "suffix", [".gpkg", ".shp", ".geojson", ".kml", ".parquet", ".fgb", ".zip"]
)
@pytest.mark.parametrize("share", [0.02, 0.5, 0.95])
def test_what_is_cut_off_is_never_half_read(tmp_path: Path, suffix: str, share: float) -> None:
    many = gpd.GeoDataFrame(
        {"name": [f"第{i}镇" for i in range(500)]},
        geometry=[SHAPES[0].buffer(i / 1e5) for i in range(500)],
        crs=4326,
    )
    path = tmp_path / f"x{suffix}"
    if suffix == ".zip":
        zipped([(write(many, tmp_path / "y.geojson"), "y.geojson")], path)
    else:
        write(many, path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(LayerError):
        read_vector(Source(path=path), "townships")


@pytest.mark.parametrize("lost", [".dbf", ".shx"])
def test_a_shapefile_without_its_companions_names_them(tmp_path: Path, lost: str) -> None:
    write(towns(), tmp_path / "t.shp")
    (tmp_path / f"t{lost}").unlink()
    with pytest.raises(LayerError, match=f"t{lost}"):
        read_vector(Source(path=tmp_path / "t.shp"), "townships")


def test_kinds_that_fetch_addresses_never_reach_gdal(tmp_path: Path) -> None:
    text = "<OGRVRTDataSource><OGRVRTLayer name='x'/></OGRVRTDataSource>"
    (tmp_path / "x.vrt").write_text(text, encoding="utf-8")
    with pytest.raises(LayerError, match=r"x.vrt.*\.gpkg"):
        read_vector(Source(path=tmp_path / "x.vrt"), "townships")


def test_bombs_are_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("t.geojson", b"{}")
    content = bytearray(path.read_bytes())
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = (3_000_000_000).to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(LayerError, match="3000 MB"):
        read_vector(Source(path=path), "townships")
    entities = tmp_path / "laugh.kml"
    entities.write_text("<?xml version='1.0'?><!DOCTYPE k [<!ENTITY a 'a'>]><kml>&a;</kml>")
    with pytest.raises(LayerError, match="laugh"):
        read_vector(Source(path=entities), "townships")
    nested = tmp_path / "deep.geojson"
    nested.write_text('{"type":"Polygon","coordinates":' + "[" * 5_000_000)
    with pytest.raises(LayerError, match="deep"):
        read_vector(Source(path=nested), "townships")


def test_nothing_in_a_zip_leads_out_of_its_folder(tmp_path: Path) -> None:
    file = write(towns(), tmp_path / "t.geojson")
    packed = zipped([(file, "../../../evil/t.geojson")], tmp_path / "z.zip")
    assert names_of(packed) == ["甲街道", "乙镇"]
    assert not (tmp_path / "evil").exists()


def test_a_zip_of_several_layers_lists_them(tmp_path: Path) -> None:
    file = write(towns(), tmp_path / "t.geojson")
    packed = zipped([(file, "a.geojson"), (file, "b.geojson")], tmp_path / "z.zip")
    with pytest.raises(LayerError, match=r"a.geojson、b.geojson"):
        read_vector(Source(path=packed), "townships")


def test_links_that_lead_to_themselves(tmp_path: Path) -> None:
    link = tmp_path / "loop.gpkg"
    link.symlink_to(link)
    with pytest.raises(LayerError, match="loop"):
        read_vector(Source(path=link), "townships")


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    content=st.binary(max_size=300),
    position=st.integers(0, 100_000),
    suffix=st.sampled_from([".gpkg", ".geojson", ".kml", ".parquet", ".fgb", ".zip"]),
)
def test_bytes_overwritten_raise_nothing_but_ours(
    tmp_path: Path, content: bytes, position: int, suffix: str
) -> None:
    path = tmp_path / f"fuzz{suffix}"
    if suffix == ".zip":
        zipped([(write(towns(), tmp_path / "y.geojson"), "y.geojson")], path)
    else:
        path.unlink(missing_ok=True)
        write(towns(), path)
    whole = io.BytesIO(path.read_bytes())
    whole.seek(position % len(whole.getvalue()))
    whole.write(content)
    path.write_bytes(whole.getvalue())
    with contextlib.suppress(CoverageError):
        read_vector(Source(path=path), "townships")
