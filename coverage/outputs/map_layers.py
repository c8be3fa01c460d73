"""What a map draws, as two compact JSON texts: shapes that stay, values that change.

Shapes are simplified for drawing (shared borders stay shared) and rounded to five decimals of a
degree, about a metre. They are a sketch: coverage was decided before, by minutes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import geopandas as gpd
import numpy as np
import shapely

from coverage import texts, vocabulary
from coverage.outputs import map_figures

if TYPE_CHECKING:
    import pandas as pd

    from coverage.results import Result

TOLERANCE_M = 25.0  # metres; half a screen pixel at the scale of a county
STREET_TOLERANCE_M = 12.0  # metres
AREA_TOLERANCE_M = 15.0  # metres; less than half the width at which streets are drawn as reached
AREA_VERTICES = 30_000  # vertices of one service's area that a browser redraws without a pause
STREET_VERTICES = 45_000  # vertices of all streets together, as above
_RING_VERTICES = 4  # fewer enclose nothing
_DECIMALS = 5
_SCALE = 10**_DECIMALS
_SAME_AREA = 1e-3  # share of a township that its communities may leave open and still tile it
_MAIN_STREETS = ("motorway", "trunk", "primary", "secondary", "tertiary")
STATUSES = (
    "counted", "not_in_year", "not_in_service", "off_network", "no_location", "set_aside",
)  # fmt: skip
_GROUPS = {
    "eldercare": (
        "community_eldercare_station", "day_care_center", "street_eldercare_center",
        "township_eldercare_center", "eldercare_complex", "regional_eldercare_center",
        "village_eldercare_point", "smart_eldercare", "canteen",
    ),
    "institutions": ("eldercare_institution", "tekun_facility"),
    "community": ("community_service_facility",),
    "social": (
        "social_work_station", "sw_agency", "social_work_room", "volunteer_station",
        "charity_station", "minor_protection_center", "minor_protection_station",
        "minor_protection_point", "childrens_home", "child_welfare", "rescue_station",
    ),
    "funeral": (
        "public_cemetery_urban", "public_cemetery_rural", "eco_burial_site", "funeral_home",
        "commercial_cemetery", "public_burial", "funeral_service_station",
    ),
}  # fmt: skip
GROUPS = (*_GROUPS, "other")
_GROUP_OF = {category: group for group, names in _GROUPS.items() for category in names}


def group_of(category: str) -> str:
    """Return the group in whose colour a category of facilities is drawn."""
    return _GROUP_OF.get(category, "other")


def shapes_json(result: Result) -> str:
    """Return boundaries, water and streets as JSON; it depends on no parameter of the analysis.

    Parameters
    ----------
    result
        Result of a run.

    Returns
    -------
    str
        JSON with bounds, community, township, outline, water and streets, in degrees on WGS 84.
    """
    communities = _simplified(result.communities)
    townships = _outlines(_simplified(result.townships), communities, result.townships)
    west, south, east, north = (
        float(v) for v in gpd.GeoSeries(townships.geometry).to_crs(4326).total_bounds
    )
    main, minor = _streets(result)
    parts = {
        "bounds": json.dumps(
            [[round(south, 5), round(west, 5)], [round(north, 5), round(east, 5)]]
        ),
        "township": _collection(townships, _unit_properties(townships)),
        "community": _collection(communities, _unit_properties(communities)),
        "outline": _geometry(shapely.boundary(shapely.union_all(townships.geometry)), result),
        "water": _geometry(_water(result), result),
        "streets": f'{{"main":{_geometry(main, result)},"minor":{_geometry(minor, result)}}}',
    }
    return "{" + ",".join(f'"{name}":{text}' for name, text in parts.items()) + "}"


def values_json(result: Result, language: str) -> str:
    """Return everything a map says about a result as JSON: figures, tables, places, words.

    Parameters
    ----------
    result
        Result of a run.
    language
        ``zh`` or ``en``.

    Returns
    -------
    str
        One JSON object; texts are in `language`, places flat arrays in units of 1e-5 degrees.
    """
    values = {
        "language": language,
        "title": texts.say("map.title", language, name=result.name),
        "subtitle": texts.say(
            "map.subtitle",
            language,
            year=result.year,
            basis=map_figures.basis_title(result.population_basis, language),
        ),
        "notice": result.notice,
        "approval": map_figures.approval(result.marking, language),
        "source": texts.say(
            "map.source",
            language,
            year=result.year,
            files=map_figures.source_files(result),
            plan=result.plan.title(language),
        ),
        "words": _words(language),
        "services": [_service(result, i, language) for i in range(len(result.services))],
        "headlines": _headlines(result, language),
        "themes": map_figures.themes(result),
        "units": {
            level: {s.name: map_figures.measures(table, s) for s in result.services}
            for level, table in (
                ("community", result.communities),
                ("township", result.townships),
            )
        },
        "categories": _categories(result, language),
        "groups": [[g, texts.say(f"map.group_{g}", language)] for g in GROUPS],
        "statuses": [texts.say(f"map.status_{s}", language) for s in STATUSES],
        "facilities": _facilities(result),
        "codes": _text(result.communities["code"]),
        "gaps": {s.name: _gaps(result, s.name) for s in result.services},
    }
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    areas = ",".join(f'"{s.name}":{_area(result, s.name)}' for s in result.services)
    return f'{text[:-1]},"areas":{{{areas}}}}}'


def _words(language: str) -> dict[str, str]:
    """Return the map's words; placeholders stay for the script to fill."""
    holes = {
        n: f"{{{n}}}"
        for n in ("name", "year", "basis", "minutes", "mode", "weight", "unit", "count")
    }
    return {
        key: texts.say(f"map.{key}", language, **holes)
        for key in texts.keys("map")
        if not key.startswith(("headline_", "figure_", "source"))
    }


def _service(result: Result, position: int, language: str) -> dict[str, Any]:
    service = result.services[position]
    return {
        "name": service.name,
        "title": service.title(language),
        "minutes": service.minutes,
        "mode": service.mode,
        "weight": map_figures.weight_title(service.weight, language),
        "unit": map_figures.weight_unit(service.weight, language),
        "categories": list(service.categories),
    }


def _headlines(result: Result, language: str) -> list[dict[str, Any]]:
    return [
        {
            "service": headline.service,
            "title": headline.title,
            "figures": [
                {
                    "reading": f.variant,
                    "label": f.label,
                    "value": f.value,
                    "text": f.text(language),
                    "fraction": f.fraction(),
                }
                for f in headline.figures
            ],
        }
        for headline in map_figures.headlines(result, language)
    ]


def _categories(result: Result, language: str) -> list[list[str]]:
    known = vocabulary.categories()
    return [
        [
            name,
            known[name].title(language) if name in known else name,
            group_of(name),
        ]
        for name in _category_names(result)
    ]


def _category_names(result: Result) -> list[str]:
    return sorted({str(name) for name in result.facilities["category"].dropna()})


def _text(column: pd.Series[Any]) -> list[str]:
    return [str(v) for v in column.astype(object).where(column.notna(), "")]


def drawn_facilities(result: Result) -> gpd.GeoDataFrame:
    """Return the facilities that a map draws, in its order: those that have a place.

    Parameters
    ----------
    result
        Result of a run.
    """
    frame = result.facilities
    return frame[~(frame.geometry.isna() | frame.geometry.is_empty)]


def _facilities(result: Result) -> list[list[Any]]:
    """Return one row a drawn facility.

    lon, lat, name, category, status, whether its place is approximate, community, then for each
    service how many people are within reach.
    """
    frame = drawn_facilities(result)
    places = _places(frame)
    position = {name: i for i, name in enumerate(_category_names(result))}
    status = {name: i for i, name in enumerate(STATUSES)}
    community = {code: i for i, code in enumerate(_text(result.communities["code"]))}
    columns = [f"{s.name}_reach" for s in result.services]
    reach = [
        [map_figures.number(v) for v in frame[c]] if c in frame.columns else [None] * len(frame)
        for c in columns
    ]
    return [
        [
            *place,
            name,
            position.get(category, -1),
            status.get(state, len(STATUSES) - 1),
            int(where == "approximate"),
            community.get(owner, -1),
            *(None if v is None else round(v, 1) for v in reached),
        ]
        for place, name, category, state, where, owner, reached in zip(
            places,
            _text(frame["name"]),
            _text(frame["category"]),
            _text(frame["status"]),
            _text(frame["location"]),
            _text(frame["community"]),
            zip(*reach, strict=True),
            strict=True,
        )
    ]


def _gaps(result: Result, service: str) -> dict[str, list[Any]]:
    """Return uncovered places of a service as parallel arrays."""
    return place_arrays(result, drawn_gaps(result, service))


def drawn_gaps(result: Result, service: str) -> gpd.GeoDataFrame:
    """Return the uncovered places of a service that a map draws, in its order: most people last.

    Parameters
    ----------
    result
        Result of a run.
    service
        Name of the service.
    """
    frame = result.gaps[result.gaps["service"] == service]
    frame = frame[~(frame.geometry.isna() | frame.geometry.is_empty) & (frame["weight"] > 0)]
    return frame.iloc[np.argsort(frame["weight"].to_numpy(float), kind="stable")]


def place_arrays(result: Result, frame: gpd.GeoDataFrame) -> dict[str, list[Any]]:
    """Return places as the parallel arrays that a map draws circles from.

    Parameters
    ----------
    result
        Result whose communities the map knows.
    frame
        Points with weight and community.
    """
    places = _places(frame)
    position = {code: i for i, code in enumerate(_text(result.communities["code"]))}
    return {
        "at": [v for place in places for v in place],
        "weight": [round(float(v), 1) for v in frame["weight"]],
        "community": [position.get(code, -1) for code in _text(frame["community"])],
    }


def _places(frame: gpd.GeoDataFrame) -> list[list[int]]:
    points = frame.geometry.to_crs(4326)
    at = np.rint(shapely.get_coordinates(points.to_numpy()) * _SCALE).astype(int)
    return [[int(x), int(y)] for x, y in at]


def _simplified(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the units that have a shape, simplified together."""
    drawn = frame[~(frame.geometry.isna() | frame.geometry.is_empty)].copy()
    if len(drawn):
        shapes = shapely.coverage_simplify(drawn.geometry.to_numpy(), TOLERANCE_M)
        drawn = drawn.set_geometry(gpd.GeoSeries(shapes, index=drawn.index, crs=frame.crs))
    return drawn


def _outlines(
    townships: gpd.GeoDataFrame, communities: gpd.GeoDataFrame, exact: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Return townships bounded by their communities where these tile them.

    So the borders of both stay the same lines after simplification.
    """
    if communities.empty:
        return townships
    whole = exact.set_index(exact["code"].astype(str)).geometry.area
    shapes = townships.geometry.to_numpy().copy()
    owners = communities["township"].astype(str).to_numpy()
    parts = communities.geometry.to_numpy()
    for i, code in enumerate(townships["code"].astype(str)):
        own = parts[owners == code]
        if len(own) and abs(shapely.area(own).sum() / whole[code] - 1) < _SAME_AREA:
            shapes[i] = shapely.union_all(own)
    return townships.set_geometry(gpd.GeoSeries(shapes, index=townships.index, crs=townships.crs))


def _unit_properties(frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    points = frame.geometry.representative_point().to_crs(4326)
    at = np.round(shapely.get_coordinates(points.to_numpy()), _DECIMALS)
    kinds = _text(frame["kind"]) if "kind" in frame.columns else [""] * len(frame)
    owners = _text(frame["township"]) if "township" in frame.columns else [""] * len(frame)
    return [
        {"code": code, "name": name, "kind": kind, "township": owner, "at": [float(y), float(x)]}
        for code, name, kind, owner, (x, y) in zip(
            _text(frame["code"]), _text(frame["name"]), kinds, owners, at, strict=True
        )
    ]


def _collection(frame: gpd.GeoDataFrame, properties: list[dict[str, Any]]) -> str:
    shapes = _geojson(frame.geometry.to_crs(4326).to_numpy())
    told = [json.dumps(p, ensure_ascii=False, separators=(",", ":")) for p in properties]
    features = (
        f'{{"type":"Feature","properties":{text},"geometry":{shape}}}'
        for text, shape in zip(told, shapes, strict=True)
    )
    return f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}'


def _geometry(shape: shapely.Geometry | None, result: Result) -> str:
    if shape is None or shapely.is_empty(shape):
        return "null"
    return str(_geojson(gpd.GeoSeries([shape], crs=result.crs).to_crs(4326).to_numpy())[0])


def _geojson(shapes: np.ndarray[Any, Any]) -> list[str]:
    rounded = shapely.transform(shapes, lambda at: np.round(at, _DECIMALS))
    return [str(text) for text in shapely.to_geojson(rounded)]


def _water(result: Result) -> shapely.Geometry | None:
    water = result.context.get("water")
    if water is None or water.empty:
        return None
    shapes = shapely.simplify(water.geometry.dropna().to_numpy(), TOLERANCE_M)
    return shapely.GeometryCollection([*shapes[~shapely.is_empty(shapes)]])


def _streets(result: Result) -> tuple[shapely.Geometry | None, shapely.Geometry | None]:
    """Return main and minor streets; minor ones are left out where they would be too heavy."""
    streets = result.context.get("streets")
    if streets is None or streets.empty:
        return None, None
    kinds = (
        streets["highway"].astype(str).str.removesuffix("_link")
        if "highway" in streets.columns
        else streets.index.to_series().map(lambda _: "")
    )
    is_main = kinds.isin(_MAIN_STREETS).to_numpy()
    lines = streets.geometry.to_numpy()
    main, minor = _merged(lines[is_main]), _merged(lines[~is_main])
    heavy = shapely.get_num_coordinates(main) + shapely.get_num_coordinates(minor)
    return main, (None if heavy > STREET_VERTICES else minor)


def _merged(lines: np.ndarray[Any, Any]) -> shapely.Geometry:
    parts = shapely.get_parts(lines[~shapely.is_missing(lines)])
    whole = shapely.line_merge(shapely.multilinestrings(parts))
    simple = shapely.simplify(whole, STREET_TOLERANCE_M, preserve_topology=False)
    return cast("shapely.Geometry", simple)


def _area(result: Result, service: str) -> str:
    frame = result.service_areas
    rows = frame[(frame["service"] == service) & (frame["facility"].fillna("") == "")]
    if rows.empty:
        return "null"
    # the first row is that of all minutes
    text = _geometry(_light(rows.geometry.to_numpy()[:1]), result)
    # all rings in one polygon: filled by the even-odd rule, holes stay open
    return text.replace('"MultiLineString"', '"Polygon"', 1)


def _light(areas: np.ndarray[Any, Any]) -> shapely.Geometry:
    """Return the rings of areas, simplified, and the smallest left out until light enough."""
    rings = shapely.get_rings(shapely.get_parts(areas))
    rings = shapely.simplify(rings, AREA_TOLERANCE_M, preserve_topology=False)
    rings = rings[shapely.get_num_coordinates(rings) >= _RING_VERTICES]
    sizes = shapely.area(shapely.polygons(rings))
    rings = rings[np.argsort(-sizes, kind="stable")]
    # the largest stays, however long it is
    kept = np.cumsum(shapely.get_num_coordinates(rings)) <= AREA_VERTICES
    kept[:1] = True
    return cast("shapely.Geometry", shapely.multilinestrings(rings[kept]))
