"""Reads tiles with `mapbox-vector-tile` and says what is in them, in the words of `decode.mjs`: decode.py FILE... : one JSON line a file."""

import json
import multiprocessing
import sys

import mapbox_vector_tile

KINDS = {"Point": 1, "MultiPoint": 1, "Polygon": 3, "MultiPolygon": 3}


def rings(geometry):
    """All rings in the order of the tile, closed; of points one list."""
    kind, coordinates = geometry["type"], geometry["coordinates"]
    if kind == "Point":
        return [[coordinates]]
    if kind == "MultiPoint":
        return [coordinates]
    polygons = [coordinates] if kind == "Polygon" else coordinates
    return [ring for polygon in polygons for ring in polygon]


def read(path):
    with open(path, "rb") as file:
        layers = mapbox_vector_tile.decode(file.read(), default_options={"y_coord_down": True})
    said = {name: [{"id": one["id"], "properties": one["properties"], "type": KINDS[one["geometry"]["type"]],
                    "geometry": rings(one["geometry"])} for one in layer["features"]] for name, layer in layers.items()}
    return json.dumps(said, ensure_ascii=False)


if __name__ == "__main__":
    with multiprocessing.Pool() as pool:
        for line in pool.imap(read, sys.argv[1:], chunksize=16):
            print(line)
