"""Tables of a real PostGIS server, started on loopback where Debian's packages are installed."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from coverage import open_project
from coverage.errors import LayerError, ProjectError
from coverage.layers import IssueLog, Source, read_layers
from coverage.layers.files.postgis import holds_secret, is_database, read_table_of_database

PASSWORD = "a secret"  # noqa: S105 - of a server that lives as long as the test


def programs() -> Path | None:
    """Return the folder of the newest server that has PostGIS."""
    for share in sorted(Path("/usr/share/postgresql").glob("*/extension/postgis.control")):
        folder = Path("/usr/lib/postgresql") / share.parts[4] / "bin"
        if (folder / "initdb").exists():
            return folder
    return None


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Start a server and return the address of its database, without the password."""
    folder = programs()
    if folder is None:
        pytest.skip("needs Debian's postgresql and postgresql-postgis")
    psycopg = pytest.importorskip("psycopg")
    # as root the server refuses to run
    prefix = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    home = Path(tempfile.mkdtemp(prefix="planner-pg-"))
    secret = home / "password"
    secret.write_text(PASSWORD)
    if prefix:
        for path in (home, secret):
            shutil.chown(path, "postgres", "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = home / "data"

    def run(*command: str) -> None:
        subprocess.run(
            [*prefix, *command], check=True, cwd=home, stdout=subprocess.DEVNULL, timeout=120
        )

    run(str(folder / "initdb"), "-D", str(data), "-U", "planner", "-A", "scram-sha-256",
        f"--pwfile={secret}", "--no-sync", "--encoding=UTF8", "--locale=C")  # fmt: skip
    control = str(folder / "pg_ctl")
    options = f"-p {port} -k {home} -c listen_addresses=127.0.0.1 -c fsync=off"
    run(control, "-D", str(data), "-o", options, "-l", str(home / "log"), "-w", "start")
    url = f"postgresql://planner@127.0.0.1:{port}/postgres"
    try:
        with psycopg.connect(url, password=PASSWORD) as connection:
            fill(connection)
        yield url
    finally:
        run(control, "-D", str(data), "-m", "immediate", "-w", "stop")
        shutil.rmtree(home, ignore_errors=True)


def fill(connection: Any) -> None:
    connection.execute("CREATE EXTENSION postgis")
    connection.execute("CREATE SCHEMA civil")
    connection.execute(
        'CREATE TABLE civil.towns (code text, "名称" text, population int,'
        " shape geometry(Polygon, 4490))"
    )
    for code, name, west, east in (
        ("500102101", "乙镇", 107.4, 107.5),
        ("500102001", "甲街道", 107.3, 107.4),
    ):
        connection.execute(
            "INSERT INTO civil.towns VALUES (%s, %s, 7, ST_MakeEnvelope(%s, 29.7, %s, 29.8, 4490))",
            [code, name, west, east],
        )
    connection.execute(
        'CREATE TABLE civil."o\'dd; table" (code text, geom geometry(Point, 4545), note bytea)'
    )
    connection.execute(
        'INSERT INTO civil."o\'dd; table" VALUES'
        " ('x', ST_SetSRID(ST_MakePoint(432256.52, 3287063.46), 4545), NULL), ('y', NULL, NULL)"
    )


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)


def table(url: str, layer: str | None) -> Source:
    return Source(path=Path(layer or "townships"), database=url, layer=layer)


def test_a_table_is_read_with_its_system_and_sorted(server: str) -> None:
    raw = read_table_of_database(table(server, "civil.towns"), "townships")
    assert raw.headers == ("code", "名称", "population")
    assert raw.cells[0].tolist() == ["500102001", "500102101"]
    assert raw.cells[2].tolist() == ["7", "7"]
    assert raw.sheet == "civil.towns"
    assert raw.geometry is not None
    assert raw.geometry.crs.to_epsg() == 4490
    assert raw.geometry.iloc[0].equals(shapely.box(107.3, 29.7, 107.4, 29.8))
    again = read_table_of_database(table(server, "towns"), "townships")
    assert again.digest == raw.digest
    assert len(raw.digest) == 64


def test_the_table_whose_columns_are_known_is_taken(server: str) -> None:
    assert read_table_of_database(table(server, None), "townships").sheet == "civil.towns"


def test_names_are_quoted_and_nothing_is_written(server: str) -> None:
    raw = read_table_of_database(table(server, "civil.o'dd; table"), "facilities")
    assert raw.headers == ("code",)
    assert raw.geometry is not None
    assert raw.geometry.crs.to_epsg() == 4545
    assert raw.geometry.isna().tolist() == [False, True]
    # the table is still there
    assert len(read_table_of_database(table(server, "civil.towns"), "townships").rows) == 2


def test_what_cannot_be_read_is_one_sentence(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LayerError, match=r"“nothing”.*civil.towns"):
        read_table_of_database(table(server, "nothing"), "townships")
    monkeypatch.setenv("PGPASSWORD", "wrong one")
    with pytest.raises(LayerError, match="PGPASSWORD") as caught:
        read_table_of_database(table(server, "civil.towns"), "townships")
    assert "wrong one" not in str(caught.value)
    closed = table("postgresql://planner@127.0.0.1:1/postgres", "civil.towns")
    with pytest.raises(LayerError, match="数据库"):
        read_table_of_database(closed, "townships")


def test_layers_of_a_project(server: str, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("类型,乡镇\n敬老院,乙镇\n", encoding="utf-8")
    towns = table(server, "civil.towns")
    sources = {"townships": towns, "communities": towns}
    sources["facilities"] = Source(path=tmp_path / "f.csv")
    layers = read_layers(sources, IssueLog())
    assert layers.townships["name"].tolist() == ["甲街道", "乙镇"]
    assert set(layers.digests) == {"townships", "communities"}


def test_a_run_says_where_its_rows_came_from_and_keeps_the_password(
    server: str, tiny: Path, edit: Any
) -> None:
    """The tiny county's townships, put into the database, give the results that the file gives."""
    import psycopg  # noqa: PLC0415 - an extra

    towns = gpd.read_file(tiny / "townships.gpkg")
    with psycopg.connect(server) as connection:
        connection.execute(
            "CREATE TABLE tiny (code text, name text, kind text, population float,"
            " households float, geom geometry(Polygon, 4545))"
        )
        for row in towns.itertuples():
            connection.execute(
                "INSERT INTO tiny VALUES (%s, %s, %s, %s, %s, ST_GeomFromText(%s, 4545))",
                [row.code, row.name, row.kind, row.population, row.households, row.geometry.wkt],
            )
    from_file = open_project(tiny).run()
    edit('path = "townships.gpkg"', f'path = "{server}"\nlayer = "public.tiny"')
    result = open_project(tiny).run()
    assert result.townships.drop(columns="geometry").equals(
        from_file.townships.drop(columns="geometry")
    )
    entry = result.record["inputs"]["townships"]
    assert entry["path"] == server
    assert len(entry["sha256"]) == 64
    result.save(tiny / "out")
    for file in (tiny / "out").rglob("*"):
        assert not file.is_file() or PASSWORD.encode() not in file.read_bytes(), file


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:hidden@h/db",
        "postgres://h/db?user=u&password=hidden",
        "postgresql://h/db?passfile=/hidden",
    ],
)
def test_a_password_in_the_address_is_refused_and_not_repeated(
    tiny: Path, edit: Any, url: str
) -> None:
    assert is_database(url)
    assert holds_secret(url)
    edit('path = "townships.gpkg"', f'path = "{url}"')
    with pytest.raises(ProjectError, match="PGPASSWORD") as caught:
        open_project(tiny)
    assert "hidden" not in str(caught.value) + caught.value.text("en")


def test_what_is_no_address() -> None:
    assert not is_database("townships.gpkg")
    assert not is_database("C://postgres/x.shp")
    assert not holds_secret(f"postgresql://{getpass.getuser()}@h:5432/db?sslmode=require")
