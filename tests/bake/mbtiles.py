"""Compares every tile of an MBTiles file with what a server gives: mbtiles.py FILE URL. Prints how many."""

import gzip
import sqlite3
import sys
import urllib.request

file, url = sys.argv[1:]
database = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
metadata = dict(database.execute("select name, value from metadata"))
assert metadata["format"] == "pbf" and metadata["name"] and "vector_layers" in metadata["json"], metadata
zooms = int(metadata["minzoom"]), int(metadata["maxzoom"])
tiles = "select zoom_level, tile_column, tile_row, tile_data from tiles order by 1, 2, 3"
count = 0
for zoom, column, row, data in database.execute(tiles):
    assert zooms[0] <= zoom <= zooms[1]
    address = f"{url}/{zoom}/{column}/{2**zoom - 1 - row}"
    with urllib.request.urlopen(address) as answer:
        assert answer.status == 200, address
        assert answer.read() == gzip.decompress(data), address
    count += 1
print(count)
