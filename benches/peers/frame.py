"""What the Python peers share: the lattice and the points as arrays, and how a result is said."""

import json
import os
import pathlib

import numpy
import shapely


def leaves(directory):
    """Codes and polygons of the leaves in the order of the file, which is the order of their places."""
    codes, shapes = [], []
    with open(pathlib.Path(directory) / "grids.geojsonl", encoding="utf-8") as lines:
        for line in lines:
            if '"level":6' in line[:60]:
                codes.append(line.split('"code":"', 1)[1].split('"', 1)[0])
                shapes.append(line.split('"geometry":', 1)[1].rstrip()[:-1])
    return codes, shapely.from_geojson(shapes)


def points(directory):
    """Longitudes and latitudes."""
    table = numpy.loadtxt(pathlib.Path(directory) / "points.csv", delimiter=",", skiprows=1)
    return numpy.ascontiguousarray(table[:, 0]), numpy.ascontiguousarray(table[:, 1])


def checksum(asked, found, count):
    """How many points were found, and the sum by which peers prove that they found the same.

    Where several leaves hold a point, the first counts.
    """
    place = numpy.full(count, -1, dtype=numpy.int64)
    order = numpy.argsort(-numpy.asarray(found), kind="stable")
    place[numpy.asarray(asked)[order]] = numpy.asarray(found)[order]
    hit = numpy.flatnonzero(place >= 0)
    return int(len(hit)), int(((place[hit] + 1) * (hit % 997 + 1)).sum())


def show(peer, cores, count, seconds, found, proof, **more):
    cores = min(cores, os.cpu_count() or 1)
    print(json.dumps({"part": "r1", "peer": peer, "cores": cores, "points": count, "found": found, "checksum": proof,
                      "seconds": seconds, "per_second": count / seconds, "per_second_and_core": count / seconds / cores, **more}),
          flush=True)
