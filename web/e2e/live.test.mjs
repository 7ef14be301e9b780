// An edit while the page is open: it shows without a reload, and only what it touches is asked for again.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { idle, launch, open } from './browser.mjs';
import { json, server, somewhere } from './server.mjs';

/** The program and its data directory: see tests/page.sh, which runs this after everything else, since it changes the data. */
const { GEWU_PROGRAM: program, GEWU_EDITED: data } = process.env;

describe('an open page', { skip: !(server && program) && 'GEWU_URL or GEWU_PROGRAM is not set' }, () => {
  let browser;

  before(async () => (browser = await launch()));
  after(() => browser?.close());

  it('shows a new facility by itself', async () => {
    const { point } = await somewhere((await json('/v1/status')).bounds);
    const size = { width: 1024, height: 640 };
    const { page, answers, faults } = await open(browser, new URL(`/#16/${point.lat}/${point.lon}`, server).href, size);
    await idle(page);
    await page.evaluate(() => (window.sameAsBefore = true));
    const before = answers.length;

    const file = join(await mkdtemp(join(tmpdir(), 'gewu-')), 'new.geojson');
    const properties = { source_id: 'e2e-1', class: 'hospital', name: '新落成的医院' };
    const geometry = { type: 'Point', coordinates: [point.lon, point.lat] };
    await writeFile(file, JSON.stringify({ type: 'FeatureCollection', features: [{ type: 'Feature', properties, geometry }] }));
    await promisify(execFile)(program, ['import', 'resources', 'facilities', file, '--data-dir', data]);

    const asked = (tileset) => answers.slice(before).filter(({ url }) => url.includes(`/tiles/${tileset}/`));
    for (let tenths = 0; asked('facilities').length === 0; tenths += 1) {
      assert.ok(tenths < 100, 'the page asks for the tile with the new facility');
      await page.waitForTimeout(100);
    }
    await idle(page);
    assert.deepEqual(asked('buildings'), []);
    assert.deepEqual(asked('grids'), []);
    await page.mouse.click(size.width / 2, size.height / 2);
    await page.getByText(properties.name).first().waitFor({ timeout: 15_000 });
    assert.ok(await page.evaluate(() => window.sameAsBefore), 'it was not loaded anew');
    assert.deepEqual(faults, []);
  });
});
