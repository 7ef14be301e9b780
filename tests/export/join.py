"""Joins two GeoParquet files in SedonaDB: join.py POLYGONS POINTS. Prints how many pairs meet."""

import sys

import sedonadb

connection = sedonadb.connect()
connection.read_parquet(sys.argv[1]).to_view("polygons")
connection.read_parquet(sys.argv[2]).to_view("points")
joined = connection.sql("select count(*) as n from polygons join points on ST_Intersects(polygons.geometry, points.geometry)")
print(joined.to_arrow_table()["n"][0].as_py())
