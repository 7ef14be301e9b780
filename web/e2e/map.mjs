// What a test of the map page needs: a browser, a place that is staffed, the sizes of screens. One file a mode:
//
//   mapPage('the mode Ask', (map) => {
//     it('…', async () => {
//       const { page, faults } = await map.visit(desktop, map.near(15));
//       …
//       assert.deepEqual(faults, []);
//     });
//   });

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe } from 'node:test';
import { idle, launch, open, picture } from './browser.mjs';
import { json, server, skip, somewhere } from './server.mjs';

export const desktop = { width: 1920, height: 1080 };
/** Enough where no picture is taken: software drawing is slow. */
export const small = { width: 1024, height: 640 };
export const phone = { width: 390, height: 844 };
export const wall = { width: 3840, height: 1080 };

/** Tests of the map page with one browser. `map` is filled before the first of them runs. */
export function mapPage(name, tests) {
  describe(name, { skip }, () => {
    const map = {
      browser: undefined,
      /** The answer of `/v1/status`. */
      status: undefined,
      /** The answer for a point inside a staffed leaf. */
      place: undefined,
      /** Opens the page at a hash, in the colours of `colorScheme`, and waits until it is drawn. */
      async visit(size, hash = '', options = {}) {
        const visited = await open(map.browser, new URL(`/${hash}`, server).href, size, options);
        await idle(visited.page);
        return visited;
      },
      /** The hash that shows the place. */
      near: (zoom) => `#${zoom}/${map.place.point.lat}/${map.place.point.lon}`,
    };

    before(async () => {
      map.status = await json('/v1/status');
      map.place = await somewhere(map.status.bounds);
      map.browser = await launch();
    });
    after(() => map.browser?.close());
    tests(map);
  });
}

/** Opens a mode by its tab. */
export async function openMode(page, name) {
  const tab = page.getByRole('tab', { name, exact: true });
  if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
  const panel = page.getByRole('tabpanel', { name, exact: true });
  await panel.waitFor();
  return panel;
}

/** Waits for the answer to a question. */
export async function answered(page) {
  await page.waitForSelector('.result[data-state="answer"]', { timeout: 15_000 });
}

/** Fails where something stands out of the screen. */
export async function assertFits(page, name) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${name} is ${wide} px too wide`);
}

/** Takes a picture of what is drawn, and fails where it does not fit, leaves somebody out or did what it should not. */
export async function assertWellShown({ page, faults }, name) {
  await idle(page);
  await picture(page, name);
  await assertFits(page, name);
  await assertAccessible(page);
  assert.deepEqual(faults, []);
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Fails where whoever cannot see the page, or not well, is left out. */
export async function assertAccessible(page) {
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const found = await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] });
    return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
  });
  assert.deepEqual(violations, []);
}
