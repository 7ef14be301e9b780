// Which tile of WebMercatorQuad is where.

export interface TileId {
  z: number;
  x: number;
  y: number;
}

export const deepest = 24;

const clamp = (n: number, most: number) => Math.min(Math.max(n, 0), most);

/** The tile that holds a position, in degrees, at a zoom. */
export function tileAt(lon: number, lat: number, zoom: number): TileId {
  const z = clamp(Math.floor(zoom), deepest);
  const across = 2 ** z;
  const angle = (lat * Math.PI) / 180;
  const u = (lon + 180) / 360;
  const v = (1 - Math.asinh(Math.tan(angle)) / Math.PI) / 2;
  return { z, x: clamp(Math.floor(u * across), across - 1), y: clamp(Math.floor(v * across), across - 1) };
}

/** West, south, east and north of a tile in degrees. */
export function extentOf({ z, x, y }: TileId): [number, number, number, number] {
  const across = 2 ** z;
  const lon = (column: number) => (column / across) * 360 - 180;
  const lat = (row: number) => (Math.atan(Math.sinh(Math.PI * (1 - (2 * row) / across))) * 180) / Math.PI;
  return [lon(x), lat(y + 1), lon(x + 1), lat(y)];
}

export function exists({ z, x, y }: TileId): boolean {
  const across = 2 ** z;
  return [z, x, y].every(Number.isInteger) && z >= 0 && z <= deepest && x >= 0 && x < across && y >= 0 && y < across;
}

/** The tile so many columns and rows further, or the same at the edge of the world. */
export function beside(tile: TileId, columns: number, rows: number): TileId {
  const moved = { ...tile, x: tile.x + columns, y: tile.y + rows };
  return exists(moved) ? moved : tile;
}

export function above(tile: TileId): TileId {
  return tile.z === 0 ? tile : { z: tile.z - 1, x: tile.x >> 1, y: tile.y >> 1 };
}

/** The tile below that holds the middle. */
export function below(tile: TileId): TileId {
  return tile.z === deepest ? tile : { z: tile.z + 1, x: tile.x * 2 + 1, y: tile.y * 2 + 1 };
}
