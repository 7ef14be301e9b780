"""Reads a pyramid with the GDAL that pyogrio brings: readers.py FILE. Prints each layer with the values of `code` that its deepest zoom shows."""

import json
import sys

import pyogrio

file = sys.argv[1]
driver = pyogrio.detect_write_driver(file)
found = {}
for name, _ in pyogrio.list_layers(file):
    meta, _, _, (codes,) = pyogrio.raw.read(file, layer=name, columns=["code"], read_geometry=False)
    assert meta["crs"] == "EPSG:3857", meta
    found[str(name)] = sorted({str(code) for code in codes})
print(json.dumps({"driver": driver, "gdal": ".".join(map(str, pyogrio.__gdal_version__)), "layers": found}))
