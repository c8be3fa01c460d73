"""Read a table of a PostGIS database.

The address has no password: it comes from the environment, as every client of PostgreSQL takes it
(``PGPASSWORD``, ``PGPASSFILE``, ``PGSERVICE``). The table is read in one transaction that may not
write, sorted by its columns so that row numbers mean something, and its rows are hashed so that a
result says what it was made of.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from coverage.errors import LayerError, MissingPackageError
from coverage.layers.files.raw import Raw
from coverage.layers.ledgers.headers import known_headers, listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coverage.layers.model import Source

SCHEMES = ("postgresql", "postgres")

_CONNECT_SECONDS = 10
_STATEMENT_SECONDS = 600
_SECRET = ("password", "passfile", "sslpassword", "sslkey", "service")
_BATCH = 20_000  # rows
# tables and views that can be read, of the user's schemas, with their columns
_TABLES = """
SELECT n.nspname, c.relname, array_agg(a.attname::text ORDER BY a.attnum)
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND has_table_privilege(c.oid, 'SELECT')
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'topology', 'tiger', 'tiger_data')
  AND c.relname NOT IN ('spatial_ref_sys', 'geometry_columns', 'geography_columns',
                        'raster_columns', 'raster_overviews')
GROUP BY 1, 2 ORDER BY 1, 2
"""
_COLUMNS = """
SELECT a.attname::text, t.typname::text
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""


def is_database(path: str) -> bool:
    """Return whether a path is the address of a PostgreSQL database."""
    return path.partition("://")[0].lower() in SCHEMES and "://" in path


def holds_secret(url: str) -> bool:
    """Return whether the address of a database holds a password or the place of one."""
    parts = urlsplit(url)
    named = {key.lower() for key, _ in parse_qsl(parts.query, keep_blank_values=True)}
    return parts.password is not None or bool(named & set(_SECRET))


def read_table_of_database(source: Source, layer: str) -> Raw:
    """Read a table: the one that the source names, else one named like the layer, else the fittest.

    Raises
    ------
    LayerError
        If the database cannot be reached or refuses, or has no such table.
    MissingPackageError
        If psycopg is not installed.
    """
    try:
        import psycopg  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingPackageError("layers.no_psycopg", layer=layer, extra="postgis") from error
    try:
        with psycopg.connect(
            source.database,
            connect_timeout=_CONNECT_SECONDS,
            options=f"-c statement_timeout={_STATEMENT_SECONDS}s",
            application_name="service-coverage-planner",
        ) as connection:
            connection.read_only = True
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            table = _table(connection, source, layer)
            return _read(connection, table)
    except psycopg.Error as error:
        detail = " ".join(str(error).split())[:200] or type(error).__name__
        raise LayerError(
            "layers.database", layer=layer, path=source.database, detail=detail
        ) from error


def _table(connection: Any, source: Source, layer: str) -> tuple[str, str]:  # noqa: ANN401
    """Return schema and name of the table meant."""
    tables = {(row[0], row[1]): row[2] for row in connection.execute(_TABLES)}
    wanted = source.layer or layer
    schema, _, name = wanted.rpartition(".")
    found = [t for t in tables if t[1] == name and schema in ("", t[0])]
    found = found or [t for t in tables if t[1] == wanted]  # a name with a dot in it
    if not found and source.layer is None:
        found = sorted(tables, key=lambda t: -known_headers(tables[t], layer, source))[:1]
        found = [t for t in found if known_headers(tables[t], layer, source)]
    if len(found) != 1:
        raise LayerError(
            "layers.missing_layer",
            layer=layer,
            path=source.database,
            name=wanted,
            names=listed([".".join(t) for t in tables]) or "-",
        )
    return found[0]


def _read(connection: Any, table: tuple[str, str]) -> Raw:  # noqa: ANN401
    from psycopg import sql  # noqa: PLC0415 - an extra

    name = sql.Identifier(*table)
    columns = connection.execute(_COLUMNS, [name.as_string(connection)]).fetchall()
    shaped = [column for column, kind in columns if kind in ("geometry", "geography")]
    plain = [column for column, kind in columns if column not in shaped and kind != "bytea"]
    selected = [sql.SQL("{}::text").format(sql.Identifier(column)) for column in plain]
    if shaped:
        geometry = sql.SQL("{}::geometry").format(sql.Identifier(shaped[0]))
        selected += [sql.SQL("ST_AsBinary({})").format(geometry)]
        selected += [sql.SQL("ST_SRID({})").format(geometry)]
    order = sql.SQL(", ").join(sql.SQL(str(i + 1)) for i in range(len(selected)))
    query = sql.SQL("SELECT {} FROM {} ORDER BY {}")
    rows: list[Sequence[Any]] = []
    digest = hashlib.sha256(repr([plain, shaped]).encode())
    with connection.cursor("planner", binary=True) as cursor:
        cursor.execute(query.format(sql.SQL(", ").join(selected), name, order))
        while batch := cursor.fetchmany(_BATCH):
            rows += batch
            digest.update(repr(batch).encode())
    return _as_raw(connection, plain, rows, ".".join(table), digest.hexdigest(), bool(shaped))


def _as_raw(
    connection: Any,  # noqa: ANN401
    headers: Sequence[str],
    rows: Sequence[Sequence[Any]],
    name: str,
    digest: str,
    shaped: bool,  # noqa: FBT001 - of this module only
) -> Raw:
    """Return rows as a layer; the last two columns are shape and number of its system if shaped."""
    texts = {i: [row[i] or "" for row in rows] for i in range(len(headers))}
    cells = pd.DataFrame(texts, index=pd.RangeIndex(len(rows)), dtype="str")
    geometry = None
    if shaped:
        wkb = np.array([row[-2] for row in rows], dtype=object)
        numbers = {row[-1] for row in rows if row[-1]}
        shapes = shapely.from_wkb(wkb, on_invalid="ignore")
        if not shapely.is_missing(shapes).all():
            crs = _system(connection, min(numbers)) if len(numbers) == 1 else None
            geometry = gpd.GeoSeries(shapes, crs=crs)
    return Raw(
        headers=tuple(headers),
        cells=cells,
        rows=np.arange(1, len(rows) + 1),
        geometry=geometry,
        sheet=name,
        digest=digest,
    )


def _system(connection: Any, number: int) -> pyproj.CRS | None:  # noqa: ANN401
    """Return the coordinate system that a database numbers so, None if nobody knows it."""
    try:
        return pyproj.CRS.from_epsg(number)
    except pyproj.exceptions.CRSError:
        found = connection.execute(
            "SELECT srtext FROM spatial_ref_sys WHERE srid = %s AND srtext <> ''", [number]
        ).fetchone()
        return None if found is None else pyproj.CRS.from_wkt(found[0])
