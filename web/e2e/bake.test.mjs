// A baked file, read by the library that browsers read PMTiles with, against the server that has the same data.

import assert from 'node:assert/strict';
import { open } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { PMTiles } from 'pmtiles';
import { json, server } from './server.mjs';

/** See tests/page.sh: all tilesets, zooms 0 to 12. */
const path = process.env.GEWU_BAKED;
const tilesets = 'grids,buildings,facilities,overview';

/** A file of this machine, as the library wants it. */
function source(file) {
  return {
    getKey: () => path,
    async getBytes(offset, length) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
      return { data: new Uint8Array(buffer.subarray(0, bytesRead)).buffer };
    },
  };
}

/** Column and row of a position, by the formula of the slippy map. */
function place(lon, lat, zoom) {
  const width = 2 ** zoom;
  const y = (1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2;
  return [Math.floor(((lon + 180) / 360) * width), Math.floor(y * width)];
}

describe('a baked file', { skip: !(server && path) && 'GEWU_URL or GEWU_BAKED is not set' }, () => {
  let file;
  let archive;

  before(async () => {
    file = await open(path);
    archive = new PMTiles(source(file));
  });

  after(() => file?.close());

  it('says what it holds', async () => {
    const [header, metadata, live] = [await archive.getHeader(), await archive.getMetadata(), await json(`/tiles/${tilesets}`)];
    assert.deepEqual([header.minZoom, header.maxZoom, header.clustered], [0, 12, true]);
    assert.ok(header.numTileContents > 0 && header.numTileContents <= header.numAddressedTiles);
    assert.equal(metadata.attribution, live.attribution);
    const zooms = new Map(live.vector_layers.map(({ id, minzoom, maxzoom }) => [id, [minzoom, Math.min(maxzoom, 12)]]));
    for (const { id, minzoom, maxzoom } of metadata.vector_layers) assert.deepEqual([minzoom, maxzoom], zooms.get(id), id);
    assert.deepEqual(metadata.vector_layers.map(({ id }) => id), [...zooms].filter(([, [first]]) => first <= 12).map(([id]) => id));
  });

  it('has, tile by tile, what the server gives, and nothing where the server has nothing', async () => {
    const { bounds: [west, south, east, north] } = await json(`/tiles/${tilesets}`);
    let full = 0;
    let empty = 0;
    for (let zoom = 0; zoom <= 12; zoom += 1) {
      const [left, top] = place(west, north, zoom);
      const [right, bottom] = place(east, south, zoom);
      // Every tile down to zoom 10 with a margin around, then some of the many.
      const step = zoom <= 10 ? 1 : 3;
      const last = 2 ** zoom - 1;
      for (let x = Math.max(0, left - 1); x <= Math.min(last, right + 1); x += step) {
        for (let y = Math.max(0, top - 1); y <= Math.min(last, bottom + 1); y += step) {
          const answer = await fetch(new URL(`/tiles/${tilesets}/${zoom}/${x}/${y}`, server));
          const stored = await archive.getZxy(zoom, x, y);
          assert.equal(answer.status, stored ? 200 : 204, `${zoom}/${x}/${y}`);
          const live = Buffer.from(await answer.arrayBuffer());
          if (stored) assert.ok(Buffer.from(stored.data).equals(live), `${zoom}/${x}/${y} differs`);
          if (stored) full += 1;
          else empty += 1;
        }
      }
    }
    assert.ok(full > 20 && empty > 10, `${full} full, ${empty} empty`);
  });
});
