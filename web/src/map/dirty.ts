// Which tiles of the map does a change touch?

export interface Tile {
  z: number;
  x: number;
  y: number;
}

/** Reads z/x/y. */
function parse(name: string): Tile {
  const [z = 0, x = 0, y = 0] = name.split('/').map(Number);
  return { z, x, y };
}

/** True when one tile is the other, or lies in it. */
function overlap(a: Tile, b: Tile): boolean {
  const [upper, lower] = a.z <= b.z ? [a, b] : [b, a];
  const times = 2 ** (lower.z - upper.z);
  return Math.floor(lower.x / times) === upper.x && Math.floor(lower.y / times) === upper.y;
}

/** Of tiles and all those above them, the ones that a change touches, each once. */
export function touched(tiles: Tile[], dirty: string[]): Tile[] {
  const marked = dirty.map(parse);
  const all = new Map<string, Tile>();
  for (const tile of tiles) {
    for (let { z, x, y } = tile; z >= 0; z -= 1, x >>= 1, y >>= 1) all.set(`${z}/${x}/${y}`, { z, x, y });
  }
  return [...all.values()].filter((tile) => marked.some((mark) => overlap(mark, tile)));
}
