// The map from afar and close by, by day and by night: everything that the styles ask for comes, and nothing complains.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { validateStyleMin } from '@maplibre/maplibre-gl-style-spec';
import { idle, launch, open, picture, variety } from './browser.mjs';
import { json, server, skip, somewhere } from './server.mjs';

/** The same data behind a server with a key of Tianditu; see tests/page.sh. */
const over = process.env.GEWU_TIANDITU_URL;
const size = { width: 1400, height: 860 };
/** Zoom, bearing, pitch. */
const views = [[6, 0, 0], [9, 0, 0], [12, 0, 0], [15, 0, 0], [17, 20, 60]];
const themes = { day: 'light', night: 'dark' };

describe('the map at every zoom', { skip }, () => {
  let browser;
  let point;

  before(async () => {
    point = (await somewhere((await json('/v1/status')).bounds)).point;
    browser = await launch();
  });

  after(() => browser?.close());

  const at = ([zoom, bearing, pitch]) => `/#${zoom}/${point.lat}/${point.lon}/${bearing}/${pitch}`;

  for (const [theme, colorScheme] of Object.entries(themes)) {
    for (const view of views) {
      it(`draws zoom ${view[0]} by ${theme}, and nothing fails`, async () => {
        const { page, faults } = await open(browser, new URL(at(view), server).href, size, { colorScheme });
        await idle(page);
        assert.equal(await page.getAttribute('html', 'data-theme'), theme);
        assert.ok((await variety(page)) > 20, 'the map shows more than a plain background');
        await picture(page, `zoom-${view[0]}-${theme}`);
        assert.deepEqual(faults, []);
        await page.context().close();
      });
    }
  }

  it('asks for glyphs and symbols, and gets them', async () => {
    const { page, answers } = await open(browser, new URL(at([15.6, 0, 0]), server).href, size);
    await idle(page);
    const paths = answers.map(({ url, status }) => `${decodeURIComponent(new URL(url).pathname)} ${status}`);
    assert.ok(paths.includes('/sprite.png 200') && paths.includes('/sprite.json 200'), paths.join('\n'));
    assert.ok(paths.some((path) => /^\/glyphs\/Noto Sans Regular,.*\/0-255\.pbf 200$/.test(path)), paths.join('\n'));
    await page.context().close();
  });
});

describe('the map over Tianditu', { skip: !over && 'GEWU_TIANDITU_URL is not set' }, () => {
  const red = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC', 'base64');
  let browser;

  before(async () => (browser = await launch()));
  after(() => browser?.close());

  it('gives styles that obey the specification, for the map and for the imagery', async () => {
    for (const query of ['', '?theme=night', '?base=img', '?theme=night&base=img', '?base=none']) {
      const style = await (await fetch(new URL(`/style.json${query}`, over))).json();
      assert.deepEqual(validateStyleMin(style).map(({ message }) => message), [], query);
      const text = JSON.stringify(style);
      assert.equal(/tianditu\.gov\.cn\/img_w/.test(text), query.includes('img'), query);
      assert.equal(/tianditu\.gov\.cn\/vec_w/.test(text), !query.includes('base'), query);
      assert.ok(!/\{(origin|tianditu_\w+)\}/.test(text), query);
    }
  });

  it('asks its tiles of Tianditu alone, with the key, credits it, and can do without', async () => {
    const asked = [];
    const route = async (one) => {
      asked.push(one.request().url());
      await one.fulfill({ contentType: 'image/png', body: red, headers: { 'access-control-allow-origin': '*' } });
    };
    const foreign = (host) => /^t[0-7]\.tianditu\.gov\.cn$/.test(host);
    const { page, faults } = await open(browser, new URL('/', over).href, size, { foreign, route });
    await idle(page);
    assert.ok(asked.length > 4, 'tiles were asked for');
    for (const layer of ['vec', 'cva']) {
      const [first] = asked.filter((url) => url.includes(`/${layer}_w/wmts?`));
      assert.match(first ?? '', new RegExp(`LAYER=${layer}&.*TILEMATRIX=\\d+&TILEROW=\\d+&TILECOL=\\d+&tk=0a1b2c3d4e5f$`));
    }
    assert.match(await page.locator('.attribution').innerText(), /天地图/);
    await picture(page, 'over-tianditu');
    const before = await page.locator('#map canvas').screenshot();
    await page.getByRole('tab', { name: '图层' }).click();
    const base = page.getByRole('group', { name: '天地图底图' });
    assert.ok(await base.getByRole('radio', { name: '天地图地图' }).isChecked());
    await base.getByRole('slider', { name: '“天地图底图”的不透明度' }).waitFor();
    await base.getByRole('radio', { name: '天地图影像' }).check();
    await idle(page);
    assert.ok(asked.some((url) => url.includes('/img_w/wmts?')), 'the imagery was asked for');
    await base.getByRole('radio', { name: '不用底图' }).check();
    await idle(page);
    assert.notDeepEqual(await page.locator('#map canvas').screenshot(), before, 'switching it off changes the picture');
    assert.deepEqual(faults, []);
  });
});
