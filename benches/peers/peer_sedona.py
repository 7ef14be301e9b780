"""R1: SedonaDB joins points with leaves, on all cores: with a count (its fastest) and with the pairs.

usage: peer_sedona.py DIRECTORY ROUNDS
"""

import sys
import time

import numpy
import pyarrow
import sedonadb
import shapely

from frame import checksum, leaves, points, show


def main(directory, rounds):
    _, polygons = leaves(directory)
    lon, lat = points(directory)
    context = sedonadb.connect()
    place = pyarrow.array(numpy.arange(len(polygons)))
    table = pyarrow.table({"leaf": place, "wkb": pyarrow.array(shapely.to_wkb(polygons), pyarrow.binary())})
    context.create_data_frame(table).to_view("leaf_wkb")
    context.sql("select leaf, ST_GeomFromWKB(wkb) as geom from leaf_wkb").to_memtable().to_view("leaf")
    table = pyarrow.table({"asked": pyarrow.array(numpy.arange(len(lon))), "lon": lon, "lat": lat})
    context.create_data_frame(table).to_view("asked_xy")
    context.sql("select asked, ST_Point(lon, lat) as geom from asked_xy").to_memtable().to_view("asked")
    join = "from asked join leaf on ST_Intersects(leaf.geom, asked.geom)"
    for _ in range(rounds):
        began = time.monotonic()
        counted = context.sql(f"select count(*) as n {join}").to_arrow_table()["n"][0].as_py()
        show("sedonadb join with a count", 2, len(lon), time.monotonic() - began, counted, None)
        began = time.monotonic()
        pairs = context.sql(f"select asked.asked as asked, leaf.leaf as leaf {join}").to_arrow_table()
        seconds = time.monotonic() - began
        asked, found = (pairs[name].to_numpy() for name in ("asked", "leaf"))
        show("sedonadb join with the pairs", 2, len(lon), seconds, *checksum(asked, found, len(lon)))


main(sys.argv[1], int(sys.argv[2]))
