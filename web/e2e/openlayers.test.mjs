// OpenLayers in a real browser draws the tiles in longitude and latitude, on a page of another origin, by what the server says of them.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { idle, launch, open, picture, variety } from './browser.mjs';
import { bundled, serve } from './pages.mjs';
import { json, server, skip, somewhere } from './server.mjs';

const size = { width: 1200, height: 800 };

describe('OpenLayers with CGCS2000Quad', { skip }, () => {
  let browser;
  let pages;
  let status;
  let point;

  before(async () => {
    status = await json('/v1/status');
    point = (await somewhere(status.bounds)).point;
    [browser, pages] = [await launch(), await serve(await bundled(fileURLToPath(new URL('openlayers', import.meta.url))))];
  });

  after(async () => {
    await browser?.close();
    pages?.served.close();
  });

  async function visit() {
    const url = `${pages.origin}/index.html?server=${server}`;
    const visited = await open(browser, url, size, { foreign: (host) => host === new URL(server).host });
    await idle(visited.page);
    return visited;
  }

  async function show(page, zoom) {
    await page.evaluate(([center, zoom]) => window.show(center, zoom), [[point.lon, point.lat], zoom]);
    await idle(page);
  }

  /** Is a grid of a level drawn at a zoom? That shows what Web Mercator shows one zoom deeper. */
  function isDrawn(level, zoom) {
    const { min_zoom: first, max_zoom: last } = status.levels.find((entry) => entry.level === level);
    return zoom + 1 >= first && zoom + 1 <= last;
  }

  it('draws each grid where the server finds it', async () => {
    const { page, faults, answers } = await visit();
    let found = 0;
    let exact = 0;
    for (const zoom of [12, 13, 14]) {
      await show(page, zoom);
      assert.ok((await variety(page)) > 10, 'the map shows more than a plain background');
      await picture(page, `openlayers-${zoom}`);
      // Two pixels and a half, in metres.
      const near = (2.5 * 0.703125 * 111_320) / 2 ** zoom;
      for (let x = 100; x < size.width; x += 200) {
        for (let y = 100; y < size.height; y += 200) {
          const { place: [lon, lat], codes } = await page.evaluate((pixel) => window.at(pixel), [x, y]);
          const there = await json(`/v1/resolve?lon=${lon}&lat=${lat}&crs=cgcs2000`);
          if (there.status !== 'inside' || there.border_m < near) continue;
          const expected = there.chain.filter(({ level }) => isDrawn(level, zoom)).map(({ code }) => code);
          // Now and then OpenLayers, which draws everything near by into a canvas of one pixel to find out, names a neighbour, too.
          const missing = expected.filter((code) => !codes.includes(code));
          assert.deepEqual(missing, [], `${lon}, ${lat} at zoom ${zoom}: ${codes}`);
          assert.ok(expected.length > 1);
          exact += codes.length === expected.length ? 1 : 0;
          found += 1;
        }
      }
    }
    assert.ok(found > 20 && exact > 0.9 * found, `${found} places were clear of borders, ${exact} had nothing but their grids`);
    const tiles = answers.filter(({ url }) => /\/CGCS2000Quad\/\d+\/\d+\/\d+\?v=/.test(url));
    assert.ok(tiles.length > 10 && answers.some(({ url }) => url.endsWith('/tileMatrixSets/CGCS2000Quad')), tiles.map(({ url }) => url).join('\n'));
    // Asking OpenLayers what is at a pixel reads its canvas back, to which Chromium remarks that it could be faster.
    assert.deepEqual(faults.filter((fault) => !fault.includes('willReadFrequently')), []);
  });

  it('draws the whole region from afar, and the deepest tiles stretched', async () => {
    const { page, faults } = await visit();
    for (const zoom of [7, 9, 16]) {
      await show(page, zoom);
      assert.ok((await variety(page)) > 10, `zoom ${zoom}`);
      await picture(page, `openlayers-${zoom}`);
    }
    assert.deepEqual(faults, []);
  });
});
