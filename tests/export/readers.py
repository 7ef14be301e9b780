"""Reads an export with published readers and holds it against what PostGIS has: readers.py READER FILE ORACLE [EPSG].

ORACLE has one JSON object a line, as PostgreSQL writes it: id, properties, wkb. Prints how many features there are, and what the reader says
of the file. Any difference ends it."""

import csv
import datetime
import json
import math
import sys

import shapely

reader, file, oracle, epsg = (sys.argv + [None])[1:5]


def plain(value):
    """A value as JSON would have it."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if type(value).__name__ in ("NaTType", "NAType"):
        return None
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    return value


def moment(text):
    at = datetime.datetime.fromisoformat(text)
    return at.astimezone(datetime.timezone.utc) if at.tzinfo else at.replace(tzinfo=datetime.timezone.utc)


def same(found, expected):
    """Are these the same? Formats without a type of their own have JSON as text and days as instants; GDAL has milliseconds."""
    if found == expected and type(found) is type(expected):
        return True
    if expected is None or found is None:
        return False
    if isinstance(expected, bool):
        return isinstance(found, bool) and found == expected
    if isinstance(expected, (int, float)):
        return isinstance(found, (int, float)) and not isinstance(found, bool) and found == expected
    if isinstance(expected, (dict, list)):
        return json.loads(found) == expected if isinstance(found, str) else found == expected
    if isinstance(expected, str) and isinstance(found, str):
        try:
            return abs(moment(found) - moment(expected)) < datetime.timedelta(milliseconds=1)
        except ValueError:
            return False
    return False


def arrow_rows(table, shapes, others):
    """pandas would make doubles of whole numbers beside absent ones."""
    key = "_id" if "_id" in others else "id"
    columns = {name: [plain(value) for value in table.column(name).to_pylist()] for name in others}
    return {
        str(columns[key][at]): ({name: columns[name][at] for name in others if name != key}, shape)
        for at, shape in enumerate(shapes)
    }


def by_pyogrio():
    import pyogrio

    # GDAL's Arrow stream of FlatGeobuf stumbles over absent geometries, and its plain one makes doubles of whole numbers beside absent ones.
    about, table = pyogrio.raw.read_arrow(file, read_geometry=False)
    shapes = shapely.from_wkb(pyogrio.raw.read(file, columns=[])[2])
    return arrow_rows(table, shapes, table.column_names), {"crs": about["crs"]}


def by_geoparquet():
    import geopandas
    import pyarrow.parquet

    opened = pyarrow.parquet.ParquetFile(file)
    geo = json.loads(opened.metadata.metadata[b"geo"])
    column = geo["columns"][geo["primary_column"]]
    bbox = column["covering"]["bbox"]["xmin"][0]
    table = opened.read()
    sides = [table.column(bbox).combine_chunks().field(side).to_pylist() for side in ("xmin", "ymin", "xmax", "ymax")]
    there = table.column(bbox).is_valid().to_pylist()
    frame = geopandas.read_parquet(file)
    bounds = frame.geometry.bounds.to_numpy().tolist()
    for at, shape in enumerate(frame.geometry):
        assert there[at] == (shape is not None and not shape.is_empty), f"bbox of row {at}"
        if there[at]:
            assert [side[at] for side in sides] == bounds[at], f"bbox of row {at}"
    parts = shapely.get_parts([shape for shape in frame.geometry if shape is not None])
    parts = [part for part in shapely.get_parts(parts) if part.geom_type == "Polygon"]
    assert all(part.exterior.is_ccw and not any(hole.is_ccw for hole in part.interiors) for part in parts), "orientation"
    others = [name for name in table.column_names if name not in (geo["primary_column"], bbox)]
    crs = ":".join(map(str, frame.crs.to_json_dict()["id"].values()))
    types = {name: str(table.schema.field(name).type) for name in others}
    return arrow_rows(table, frame.geometry, others), {"crs": crs, "types": types, "geo": geo}


def by_duckdb():
    import duckdb

    connection = duckdb.connect()
    described = connection.sql(f"describe select * from read_parquet('{file}')").fetchall()
    types = {name: kind for name, kind, *_ in described}
    geometry = "_geometry" if "_geometry" in types else "geometry"
    names = [name for name in types if name not in (geometry, "bbox")]
    key = "_id" if "_id" in names else "id"
    quoted = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
    binary = f"{geometry}::BLOB" if types[geometry] == "BLOB" else f"ST_AsWKB({geometry})"
    rows = {}
    for *values, wkb in connection.sql(f"select {quoted}, {binary} from read_parquet('{file}')").fetchall():
        row = {name: plain(value) for name, value in zip(names, values)}
        rows[str(row.pop(key))] = (row, None if wkb is None else shapely.from_wkb(bytes(wkb)))
    return rows, {"types": types}


def by_csv():
    with open(file, encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    found = {}
    expected_types = {}
    for line in open(oracle, encoding="utf-8"):
        for name, value in json.loads(line)["properties"].items():
            if value is not None:
                expected_types[name] = type(value)
    for row in rows:
        key = "_id" if "_id" in row else "id"
        geometry = "_geometry" if "_geometry" in row else "geometry"
        name, wkt = row.pop(key), row.pop(geometry)
        typed = {}
        for field, text in row.items():
            kind = expected_types.get(field, str)
            if text == "":
                typed[field] = None
            elif kind is bool:
                typed[field] = {"true": True, "false": False}[text]
            elif kind in (int, float):
                typed[field] = json.loads(text)
            else:
                typed[field] = text
        found[name] = (typed, shapely.from_wkt(wkt) if wkt else None)
    return found, {}


found, about = {"pyogrio": by_pyogrio, "geoparquet": by_geoparquet, "duckdb": by_duckdb, "csv": by_csv}[reader]()
expected = {}
for line in open(oracle, encoding="utf-8"):
    row = json.loads(line)
    expected[str(row["id"])] = row
assert set(found) == set(expected), f"{len(found)} features, not {len(expected)}"
# Positions of a projected system are worked out by PROJ there and by us here.
tolerance = 1e-3 if epsg else 0.0
names = list(found)
ours = shapely.normalize([found[name][1] for name in names])
theirs = shapely.normalize(shapely.from_wkb([expected[name]["wkb"] for name in names]))
for name, one, other in zip(names, ours, theirs):
    agree = one is None and other is None or one is not None and other is not None and shapely.equals_exact(one, other, tolerance)
    assert agree, f"{name}: {one} is not {other}"
for name in names:
    properties, wanted = found[name][0], expected[name]["properties"]
    assert set(properties) == set(wanted), f"{sorted(properties)} are not {sorted(wanted)}"
    for field, value in wanted.items():
        assert same(properties[field], value), f"{name}: {field} is {properties[field]!r}, not {value!r}"
print(json.dumps({"count": len(found)} | about))
