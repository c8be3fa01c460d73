"""The pages of the atlas: what each shows, from the ground up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from coverage import __version__, texts
from coverage.outputs import map_figures
from coverage.outputs.atlas import ground as on
from coverage.outputs.atlas.labels import wrapped
from coverage.outputs.atlas.marks import draw_facilities, draw_gaps
from coverage.outputs.atlas.palette import ALARM, PAPER, RAMP, STREET, WATER
from coverage.outputs.atlas.sheet import FOOT_MM, FOOT_SIZE, INSET_MM, MAP_MM, Imprint, Sheet
from coverage.outputs.atlas.themes import headline_theme, service_theme

if TYPE_CHECKING:
    import geopandas as gpd

    from coverage.outputs.atlas.ground import Ground
    from coverage.outputs.atlas.themes import Theme
    from coverage.results import Result
    from coverage.service import Service

_NAME_SIZES = ((15, 9.5), (40, 8.0), (100, 6.5))  # up to so many names, so many points
_SMALLEST_NAME = 5.5
_MEASURES = ("people", "covered", "beyond", "unreachable", "off_network")


def imprint_of(result: Result, language: str, zoom: float = 1.0) -> Imprint:
    """Return what every page says about itself, in letters larger by a factor."""
    basis = map_figures.basis_title(result.population_basis, language)
    source = texts.say("atlas.source", language, files=map_figures.source_files(result))
    return Imprint(
        subtitle=texts.say("atlas.subtitle", language, year=result.year, basis=basis),
        notice=result.notice,
        lines=(
            texts.say("atlas.basis", language, crs=_crs(result, language), year=result.year),
            wrapped(source, FOOT_MM, FOOT_SIZE * zoom)[0],
            texts.say(
                "atlas.compiler", language, plan=result.plan.title(language), version=__version__
            ),
        ),
        approval=map_figures.approval(result.marking, language),
        zoom=zoom,
    )


def _crs(result: Result, language: str) -> str:
    crs = result.crs
    projection = crs.coordinate_operation
    meridian = None
    if projection is not None and projection.method_name == "Transverse Mercator":
        meridian = next(
            (p.value for p in projection.params if p.name.startswith("Longitude of")), None
        )
    if meridian is None or crs.geodetic_crs is None:
        return str(crs.name)
    datum = "CGCS2000" if "2000" in crs.geodetic_crs.name else crs.geodetic_crs.name
    return texts.say("atlas.crs", language, datum=datum, meridian=f"{meridian:g}")


def county_page(result: Result, ground: Ground, imprint: Imprint, language: str) -> Sheet:
    """Draw the whole area with the facilities of the main service."""
    service = map_figures.main_service(result)
    if service is None:
        title = texts.say("atlas.title_area", language, name=result.name)
        sheet = Sheet(title, imprint, language)
        view = _whole(result)
        _frame(sheet, view)
        _borders(sheet, ground, view)
        sheet.finish(view.metres_per_mm)
        return sheet
    theme = service_theme(result, service, language)
    return _county(result, ground, imprint, theme, language, shown="facilities")


def service_page(
    result: Result, ground: Ground, imprint: Imprint, theme: Theme, language: str
) -> Sheet:
    """Draw the whole area with the facilities of a service."""
    return _county(result, ground, imprint, theme, language, shown="facilities")


def headline_page(
    result: Result, ground: Ground, imprint: Imprint, indicator: str, language: str
) -> Sheet:
    """Draw a headline indicator; where it is people within reach, with those who are not."""
    theme = headline_theme(result, indicator, language)
    reading = map_figures.HEADLINES[indicator][2][0]
    shown = "gaps" if reading == "reach" else "facilities"
    return _county(result, ground, imprint, theme, language, shown=shown)


def _county(
    result: Result, ground: Ground, imprint: Imprint, theme: Theme, language: str, *, shown: str
) -> Sheet:
    title = texts.say(f"atlas.title_{shown}", language, name=result.name, theme=theme.title)
    sheet = Sheet(title, imprint, language)
    view = _whole(result)
    _frame(sheet, view)
    units = on.drawn(result.communities if theme.level == "community" else result.townships)
    _colour(sheet, view, units, theme)
    ground.draw_water(sheet.map, view)
    ground.draw_streets(sheet.map, view)
    _borders(sheet, ground, view)
    if theme.figures:
        sheet.heading(texts.say("atlas.figures", language))
    for line in theme.figures:
        sheet.words(line)
    _legend(sheet, theme, units)
    _marks(sheet, result, theme.service, view, shown)
    _lines(sheet, ground, minor=False)
    _missing(sheet, result, theme)
    townships = on.drawn(result.townships)
    _names(sheet, townships, view)
    sheet.finish(view.metres_per_mm)
    return sheet


def _marks(
    sheet: Sheet, result: Result, service: Service | None, view: on.View, shown: str
) -> None:
    if service is None:
        return
    draw = draw_gaps if shown == "gaps" else draw_facilities
    draw(sheet, result, service, view)


def township_page(
    result: Result, ground: Ground, imprint: Imprint, theme: Theme, code: str, language: str
) -> Sheet:
    """Draw one township, in the classes of the whole area so that pages compare."""
    row = result.townships[result.townships["code"].astype(str) == code].iloc[0]
    title = texts.say(
        "atlas.title_township", language, name=result.name, township=row["name"], theme=theme.title
    )
    sheet = Sheet(title, imprint, language)
    view = on.View.around(row.geometry.bounds)
    _frame(sheet, view)
    units = _communities_of(result, theme, code)
    _colour(sheet, view, units, theme)
    shape = shapely.simplify(row.geometry, view.tolerance)
    ground.draw_water(sheet.map, view, shape)
    ground.draw_streets(sheet.map, view, shape)
    on.draw_areas(sheet.map, view, np.array([shape]), **on.COUNTY_LINE)
    if theme.service is not None:
        _township_figures(sheet, row, theme.service)
    _legend(sheet, theme, units)
    if theme.service is not None:
        draw_facilities(sheet, result, theme.service, view, code)
        draw_gaps(sheet, result, theme.service, view, code)
    _lines(sheet, ground, minor=True)
    _names(sheet, units, view)
    _locator(sheet, result, code, shape, view)
    sheet.finish(view.metres_per_mm)
    return sheet


def _communities_of(result: Result, theme: Theme, code: str) -> gpd.GeoDataFrame:
    if theme.level == "township":
        units = result.townships
        return on.drawn(units[units["code"].astype(str) == code])
    units = result.communities
    return on.drawn(units[units["township"].astype(str) == code])


def _township_figures(sheet: Sheet, row: gpd.GeoSeries, service: Service) -> None:
    say, language = texts.say, sheet.language
    sheet.heading(say("atlas.figures", language))
    unit = map_figures.weight_unit(service.weight, language)
    weight = map_figures.weight_title(service.weight, language)
    for measure in _MEASURES:
        value = map_figures.number(row.get(f"{service.name}_{measure}"))
        if measure in _MEASURES[3:] and not value:
            continue
        title = weight if measure == "people" else say(f"map.{measure}", language)
        shown = say("map.nothing", language) if value is None else f"{value:,.0f} {unit}"
        sheet.words(f"{title}　{shown}")
    share = map_figures.number(row.get(f"{service.name}_share"))
    shown = say("map.nothing", language) if share is None else f"{share * 100:.1f} %"
    sheet.words(f"{say('map.share', language)}　{shown}")


def _whole(result: Result) -> on.View:
    townships = on.drawn(result.townships)
    frame = townships if len(townships) else on.drawn(result.communities)
    return on.View.around(frame.total_bounds)


def _frame(sheet: Sheet, view: on.View) -> None:
    sheet.map.set(xlim=(view.west, view.east), ylim=(view.south, view.north))
    sheet.map.set_autoscale_on(False)


def _borders(sheet: Sheet, ground: Ground, view: on.View) -> None:
    shapes, whole = ground.outlines(view)
    on.draw_areas(sheet.map, view, shapes, **on.TOWNSHIP_CASING)
    on.draw_areas(sheet.map, view, shapes, **on.TOWNSHIP_LINE)
    on.draw_areas(sheet.map, view, np.array([whole]), **on.COUNTY_LINE)


def _colour(sheet: Sheet, view: on.View, units: gpd.GeoDataFrame, theme: Theme) -> None:
    positions = theme.classes.of([theme.values.get(code) for code in units["code"].astype(str)])
    colours = [None if p is None else theme.classes.colours[p] for p in positions]
    on.draw_units(sheet.map, view, units, colours, **on.COMMUNITY_LINE)


def _legend(sheet: Sheet, theme: Theme, units: gpd.GeoDataFrame) -> None:
    """Explain the classes, the highest first, with how many units are in each."""
    say, language = texts.say, sheet.language
    positions = theme.classes.of([theme.values.get(code) for code in units["code"].astype(str)])
    sheet.heading(theme.title)
    sheet.words(theme.note)
    level = say(f"map.{theme.level}", language)
    for position in reversed(range(len(theme.classes.labels))):
        what, count = theme.classes.labels[position], positions.count(position)
        text = say("atlas.counted_units", language, what=what, count=count)
        sheet.area(text, colour=theme.classes.colours[position])
    if None in positions:
        what, count = say("map.nothing", language), positions.count(None)
        text = say("atlas.counted_units", language, what=what, count=count)
        sheet.area(text, colour=PAPER, hatch=on.NO_DATA_HATCH)
    method = say(f"atlas.method_{theme.classes.method}", language)
    sheet.words(say("atlas.classified", language, level=level, method=method))


def _lines(sheet: Sheet, ground: Ground, *, minor: bool) -> None:
    say, language = texts.say, sheet.language
    sheet.heading(say("atlas.lines", language))
    if not minor:
        outline = on.TOWNSHIP_LINE
        sheet.mark(
            say("atlas.line_township", language),
            color=outline["edgecolor"], linewidth=outline["linewidth"],
        )  # fmt: skip
    if len(ground.water):
        sheet.area(say("map.layer_water", language), colour=WATER)
    sheet.mark(say("atlas.line_main", language), **on.MAIN_STREET)
    if minor:
        sheet.mark(say("atlas.line_minor", language), **on.MINOR_STREET)


def _missing(sheet: Sheet, result: Result, theme: Theme) -> None:
    """Name how many units have no shape and are on no map."""
    for level, frame in (("township", result.townships), ("community", result.communities)):
        lacking = len(frame) - len(on.drawn(frame))
        if lacking and level in (theme.level, "township"):
            name = texts.say(f"map.{level}", sheet.language)
            sheet.words(texts.say("atlas.no_shape", sheet.language, level=name, count=lacking))


def _names(sheet: Sheet, units: gpd.GeoDataFrame, view: on.View) -> None:
    if units.empty:
        return
    size = next((size for most, size in _NAME_SIZES if len(units) <= most), _SMALLEST_NAME)
    at = shapely.get_coordinates(shapely.point_on_surface(units.geometry.to_numpy()))
    on.draw_names(sheet, view, [str(n) for n in units["name"]], at, size * sheet.zoom)


def _locator(
    sheet: Sheet, result: Result, code: str, shape: shapely.Geometry, view: on.View
) -> None:
    """Show where the township lies, in the corner of the map that it leaves free."""
    townships = on.drawn(result.townships)
    whole = _whole(result)
    axes = sheet.inset(_free_corner(shape, view))
    shapes = shapely.simplify(townships.geometry.to_numpy(), whole.metres_per_mm)
    here = (townships["code"].astype(str) == code).to_numpy()
    style = {"edgecolor": STREET, "linewidth": 0.3}
    on.draw_areas(axes, whole, shapes[~here], facecolor=RAMP[0], **style)
    on.draw_areas(axes, whole, shapes[here], facecolor=ALARM, **style)
    axes.set(xlim=(whole.west, whole.east), ylim=(whole.south, whole.north))


def _free_corner(shape: shapely.Geometry, view: on.View) -> tuple[float, float, float, float]:
    """Return the box of the inset, in millimetres, that covers least of a shape."""
    left, bottom, right, top = MAP_MM
    width, height = INSET_MM
    corners = [
        (x, y, x + width, y + height) for y in (bottom, top - height) for x in (right - width, left)
    ]
    at = shapely.transform(shape, view.on_page)
    covered = [shapely.area(shapely.intersection(shapely.box(*box), at)) for box in corners]
    return corners[int(np.argmin(covered))]
