"""R1: shapely's STRtree in one process, one thread, all points in one call. usage: peer_shapely.py DIRECTORY ROUNDS"""

import sys
import time

import shapely

from frame import checksum, leaves, points, show


def main(directory, rounds):
    _, polygons = leaves(directory)
    lon, lat = points(directory)
    geometries = shapely.points(lon, lat)
    for _ in range(rounds):
        began = time.monotonic()
        tree = shapely.STRtree(polygons)
        tree.query(geometries[:1], predicate="intersects")
        built = time.monotonic()
        asked, found = tree.query(geometries, predicate="intersects")
        seconds = time.monotonic() - built
        show("shapely STRtree", 1, len(lon), seconds, *checksum(asked, found, len(lon)), build_seconds=built - began)


main(sys.argv[1], int(sys.argv[2]))
