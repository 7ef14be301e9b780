// The example of each map library, and what the page for developers gives to paste, on an origin of their own.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch, open, picture, variety } from './browser.mjs';
import { bundled, serve } from './pages.mjs';
import { json, server, skip } from './server.mjs';

const size = { width: 1000, height: 700 };
const root = fileURLToPath(new URL('../examples', import.meta.url));
const isServer = (host) => host === new URL(server).host;

/** Waits until a map shows more than a plain background. */
async function drawn(page) {
  for (let tries = 0; tries < 60; tries += 1) {
    if ((await page.locator('#map canvas').count()) > 0 && (await variety(page)) > 10) return;
    await page.waitForTimeout(500);
  }
  assert.fail('the map stayed empty');
}

/** The place in the middle of a map of Web Mercator that shows the territory. */
function middle([west, south, east, north]) {
  const up = (lat) => Math.asinh(Math.tan((lat * Math.PI) / 180));
  return { lon: (west + east) / 2, lat: (Math.atan(Math.sinh((up(south) + up(north)) / 2)) * 180) / Math.PI };
}

describe('an example', { skip }, () => {
  let browser;
  let pages;
  let there;

  before(async () => {
    const { bounds } = await json('/v1/status');
    const { lon, lat } = middle(bounds);
    there = await json(`/v1/resolve?lon=${lon}&lat=${lat}&crs=wgs84`);
    [browser, pages] = [await launch(), await serve(await bundled(root, `${root}/vite.config.ts`))];
  });
  after(async () => {
    await browser?.close();
    pages?.served.close();
  });

  for (const library of ['maplibre', 'openlayers', 'leaflet']) {
    it(`of ${library} draws the map and says which grid was clicked`, async () => {
      const { page, faults } = await open(browser, `${pages.origin}/${library}.html?server=${server}`, size, { foreign: isServer });
      await drawn(page);
      const grid = page.getByRole('status', { name: '网格 Grid' });
      const before = await grid.textContent();
      await page.mouse.click(size.width / 2, size.height / 2);
      await page.waitForFunction((before) => document.querySelector('output').textContent !== before, before);
      await picture(page, `example-${library}`);
      const said = await grid.textContent();
      const [code] = /\d+$/.exec(said) ?? [];
      assert.ok(there.chain.some((link) => link.code === code && said.startsWith(link.name)), `${said}, but there it is ${JSON.stringify(there.chain)}`);
      // Reading a canvas back makes Chromium remark that it could be faster.
      assert.deepEqual(faults.filter((fault) => !fault.includes('willReadFrequently')), []);
    });
  }
});

describe('what is there to paste', { skip }, () => {
  const library = 'unpkg.com';
  let browser;
  let pages;

  before(async () => {
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    pages?.served.close();
  });

  /** The library from this machine, in place of the web. */
  async function answer(route) {
    const { host, pathname } = new URL(route.request().url());
    if (host !== library) return route.continue();
    const [, file] = /^\/maplibre-gl@[\d.]+\/dist\/([\w.-]+)$/.exec(pathname);
    const path = fileURLToPath(new URL(`../node_modules/maplibre-gl/dist/${file}`, import.meta.url));
    const contentType = file.endsWith('.css') ? 'text/css' : 'text/javascript';
    return route.fulfill({ body: await readFile(path, 'utf8'), contentType, headers: { 'access-control-allow-origin': '*' } });
  }

  it('shows the map on a page elsewhere, as it is', async () => {
    const docs = await open(browser, new URL('/docs', server).href, size);
    const code = docs.page.getByRole('region', { name: '嵌入代码' });
    await docs.page.getByRole('heading', { name: /^坐标归属（/ }).waitFor();
    // A browser asks for an icon where a page names none.
    pages = await serve(new Map([['/mine.html', await code.textContent()], ['/favicon.ico', '']]));
    const { page, faults, answers } = await open(browser, `${pages.origin}/mine.html`, size, { foreign: (host) => isServer(host) || host === library, route: answer });
    await drawn(page);
    await picture(page, 'docs-embedded');
    const asked = new Set(answers.map(({ url }) => new URL(url).host));
    assert.ok(asked.has(library) && answers.some(({ url }) => url === `${new URL(server).origin}/style.json`), [...asked].join());
    assert.deepEqual(faults, []);
  });
});
