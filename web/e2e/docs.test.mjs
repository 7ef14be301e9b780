// The page for developers: its tour runs, its list of operations is the server's, and its inspector reads what the server sends.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { launch, open, picture } from './browser.mjs';
import { assertAccessible } from './map.mjs';
import { json, server, skip } from './server.mjs';

const size = { width: 1400, height: 1000 };
const phone = { width: 390, height: 844 };

/** What a browser says by itself of an answer that is a refusal, which is what some requests are there to show. */
const isRefusal = (fault) => fault.startsWith('403:') || fault.startsWith('400:') || /status of 40[03]/.test(fault);

describe('the page for developers', { skip }, () => {
  let browser;

  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  async function visit(hash = '', of = size, colorScheme = 'light') {
    const visited = await open(browser, new URL(`/docs${hash}`, server).href, of, { colorScheme });
    // It is there when the server has told what it can.
    await visited.page.getByRole('heading', { name: /^坐标归属（/ }).waitFor();
    return visited;
  }

  const step = (page, name) => page.getByRole('region', { name });

  it('runs each step of the tour, and says what came, how large it was and how long it took', async () => {
    const { page, faults } = await visit();
    const tour = page.getByRole('region', { name: '接口导览' });
    const steps = await tour.getByRole('heading', { level: 3 }).allTextContents();
    assert.ok(steps.length >= 14, steps.join());
    let ran = 0;
    for (const heading of steps) {
      const region = step(page, heading.replace(/^\d+/, ''));
      const variants = await region.getByRole('group', { name: '换一种问法' }).getByRole('button').all();
      for (const variant of variants.length > 0 ? variants : [undefined]) {
        await variant?.click();
        await region.getByRole('button', { name: '运行' }).click();
        const figures = region.getByRole('status').filter({ hasText: '毫秒' });
        await figures.waitFor();
        const told = await figures.textContent();
        const refused = /居民|出错/.test(heading);
        assert.match(told, refused ? /^40[03]/ : /^200 OK/, heading);
        if (heading.includes('推送')) await region.getByRole('button', { name: '停止' }).click();
        await region.getByRole('button', { name: '运行' }).waitFor();
        const answer = await region.getByRole('region', { name: '回答' }).textContent();
        assert.ok(answer.length > (heading.includes('推送') ? 0 : 40), `${heading}: ${answer}`);
        assert.match(told, /\d (B|kB|MB)/, heading);
        ran += 1;
      }
    }
    assert.ok(ran > 25, `${ran} requests ran`);
    await picture(page, 'docs-tour');
    assert.deepEqual(faults.filter((fault) => !isRefusal(fault)), []);
  });

  it('shows the answer that the server gives, and the command for it, at a place of this server', async () => {
    const { page, faults } = await visit();
    const region = step(page, /^坐标归属：/);
    const target = await region.getByLabel('地址').inputValue();
    const expected = await json(target);
    assert.equal(expected.status, 'inside');
    await region.getByRole('button', { name: '运行' }).click();
    await region.getByText('"responsible"').waitFor();
    const shown = JSON.parse(await region.getByRole('region', { name: '回答' }).textContent());
    assert.deepEqual({ ...shown, at: '' }, { ...expected, at: '' });
    assert.equal(await page.getByText(new URL('/', server).href, { exact: true }).textContent(), new URL('/', server).href, 'it says where it is');
    assert.equal(await region.getByRole('region', { name: '命令' }).textContent(), `curl -sS '${new URL(target, server).href}'`);
    // Another datum for the same numbers, typed by hand.
    await region.getByLabel('地址').fill(target.replace('wgs84', 'bd09'));
    await region.getByLabel('地址').press('Enter');
    await region.getByText('"point"').waitFor();
    const moved = JSON.parse(await region.getByRole('region', { name: '回答' }).textContent());
    assert.notDeepEqual(moved.point, expected.point);
    assert.deepEqual(faults, []);
  });

  it('says why where the caller may not, in the words of the server', async () => {
    const { page } = await visit();
    const region = step(page, /^居民：/);
    await region.getByRole('button', { name: '运行' }).click();
    const answer = await fetch(new URL(await region.getByLabel('地址').inputValue(), server));
    const { detail } = await answer.json();
    assert.equal(answer.status, 403);
    await region.getByText('服务器说明：').waitFor();
    assert.ok((await region.textContent()).includes(detail));
  });

  it('lists exactly the operations of the server, each with what it is for in both languages, and runs their examples', async () => {
    const { paths } = await json('/api');
    const ids = Object.values(paths).flatMap((item) => Object.values(item).map(({ operationId }) => operationId));
    const { page, faults } = await visit('#tile');
    const reference = page.getByRole('region', { name: '全部接口' });
    assert.equal(await reference.locator('details').count(), ids.length);
    for (const id of ids) {
      const about = await page.locator(`details[id="${id}"] summary [lang]`);
      assert.equal(await about.getAttribute('lang'), 'zh-CN', `${id} has no line in docs/messages/operations.ts`);
    }
    const tile = page.locator('details#tile');
    assert.ok(await tile.evaluate((details) => details.open), 'the address of an operation opens it');
    await tile.getByRole('button', { name: '运行' }).click();
    await tile.getByText('application/vnd.mapbox-vector-tile').last().waitFor();
    assert.match(await tile.getByRole('status').filter({ hasText: '毫秒' }).textContent(), /Server-Timing: cache;desc=(hit, built|miss, build);dur=/);
    const removal = page.locator('details#deleteItem');
    await removal.locator('summary').click();
    assert.match(await removal.getByRole('region', { name: '命令' }).textContent(), /^curl -sS -X DELETE/);
    assert.equal(await removal.getByRole('button', { name: '运行' }).count(), 0, 'what writes is shown only');
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'Every operation' }).waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), 'en');
    assert.deepEqual(faults, []);
  });

  it('has a place for the type of every problem', async () => {
    const refused = await fetch(new URL('/v1/resolve?lon=1', server));
    const { type } = await refused.json();
    assert.equal(type, '/docs#problem-400');
    const { page } = await visit('#problem-400');
    assert.ok(await page.locator('#problem-400').isVisible());
    const box = await page.locator('#problem-400').boundingBox();
    assert.ok(box.y > 0 && box.y < size.height, `it is in sight: ${box.y}`);
  });
});

describe('the tile inspector', { skip }, () => {
  let browser;

  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  async function visit(of = size, colorScheme = 'light') {
    const visited = await open(browser, new URL('/docs#tiles', server).href, of, { colorScheme });
    const inspector = visited.page.getByRole('region', { name: '瓦片检视' });
    await inspector.getByRole('img', { name: '瓦片图样，按比例' }).waitFor();
    return { ...visited, inspector };
  }

  /** A fact by its name. */
  const fact = (inspector, name) => inspector.getByRole('group', { name: '数字' }).locator(`dt:text-is("${name}") + dd`).textContent();

  it('shows what is in a tile as another decoder reads it, what it weighs and how long it was built', async () => {
    const { page, faults, inspector } = await visit();
    const [z, x, y] = await Promise.all(['缩放级别 z', '列 x', '行 y'].map((label) => inspector.getByLabel(label).inputValue()));
    const response = await fetch(new URL(`/tiles/grids/${z}/${x}/${y}`, server), { headers: { 'accept-encoding': 'identity' } });
    const bytes = await response.arrayBuffer();
    assert.equal(await fact(inspector, 'ETag'), response.headers.get('etag'));
    assert.equal(await fact(inspector, '版本'), response.headers.get('gewu-revision'));
    assert.match(await fact(inspector, '服务器'), /^(取自缓存；当初画了|现画，用了) [\d.]+ 毫秒$/);
    const said = await fact(inspector, '解开后');
    assert.ok(Math.abs(Number(said.split(' ')[0]) * 1000 - bytes.byteLength) < bytes.byteLength / 100, `${said}: ${bytes.byteLength}`);
    assert.match(await fact(inspector, '传输'), /^[\d.]+ kB \((zstd|br|gzip)\)$/);
    // OpenLayers reads tiles by a decoder of its own.
    const { default: MVT } = await import('ol/format/MVT.js');
    const features = new MVT().readFeatures(bytes);
    assert.equal(await fact(inspector, '要素'), String(features.length));
    const layers = inspector.getByRole('region', { name: '图层一览' });
    for (const layer of new Set(features.map((feature) => feature.get('layer')))) {
      const of = features.filter((feature) => feature.get('layer') === layer);
      await layers.getByRole('button', { name: layer, exact: true }).click();
      const table = inspector.getByRole('region', { name: `${layer} 的属性` });
      assert.equal(await table.getByRole('row').count(), Math.min(of.length, 100) + 1, layer);
      assert.ok((await table.textContent()).includes(of[0].get('code')), layer);
    }
    await picture(page, 'docs-tiles-day');
    assert.deepEqual(faults, []);
  });

  it('shows a feature that is chosen in the picture or in the table', async () => {
    const { page, faults, inspector } = await visit();
    await inspector.getByRole('button', { name: 'grid_label', exact: true }).click();
    const table = inspector.getByRole('region', { name: 'grid_label 的属性' });
    const row = table.getByRole('row').nth(1);
    await row.getByRole('button').click();
    const chosen = inspector.getByRole('heading', { name: '选中的要素' });
    await chosen.waitFor();
    const [, code] = await Promise.all([row.getByRole('rowheader').textContent(), row.getByRole('cell').nth(1).textContent()]);
    assert.ok((await inspector.getByRole('status').last().textContent()).includes(code), code);
    const drawing = await inspector.getByRole('img', { name: '瓦片图样，按比例' }).boundingBox();
    await page.mouse.click(drawing.x + drawing.width * 0.4, drawing.y + drawing.height * 0.42);
    await inspector.getByText('面', { exact: true }).first().waitFor();
    assert.deepEqual(faults, []);
  });

  it('goes from tile to tile, through sets and zooms, and says what is empty and what is no tile', async () => {
    const { faults, inspector } = await visit();
    const before = await fact(inspector, 'ETag');
    await inspector.getByRole('button', { name: '东' }).click();
    await inspector.getByRole('button', { name: '上一级' }).click();
    await inspector.getByRole('button', { name: '下一级' }).click();
    assert.notEqual(await fact(inspector, 'ETag'), before);
    await inspector.getByLabel('瓦片集').selectOption('overview');
    await inspector.getByRole('button', { name: /^overview/ }).first().waitFor();
    for (const label of ['缩放级别 z', '列 x', '行 y']) await inspector.getByLabel(label).fill('5');
    await inspector.getByRole('button', { name: '检视' }).click();
    await inspector.getByText('这块瓦片是空的').waitFor();
    await inspector.getByLabel('列 x').fill('32');
    assert.match(await inspector.getByRole('alert').textContent(), /0 到 31/);
    assert.deepEqual(faults, []);
  });

  it('takes the tile under a click on the small map', async () => {
    const { page, faults, inspector, answers } = await visit();
    const column = () => inspector.getByLabel('列 x').inputValue();
    const before = await column();
    const map = inspector.getByRole('group', { name: /^小地图/ });
    const canvas = map.locator('canvas');
    await canvas.waitFor();
    // The map takes clicks as soon as its style is there; tiles come later.
    await page.waitForFunction(() => performance.getEntriesByType('resource').some(({ name }) => /\/tiles\/[^/]+\/\d+\//.test(name)), null, { timeout: 30_000 });
    const { x, y, width, height } = await canvas.boundingBox();
    await page.mouse.click(x + width - 70, y + height / 2);
    await page.waitForFunction((before) => [...document.querySelectorAll('.tile-form input')][1].value !== before, before);
    assert.ok(Number(await column()) !== Number(before));
    assert.ok(answers.some(({ url }) => url.includes('/style.json')));
    assert.deepEqual(faults, []);
  });
});

describe('what developers take with them', { skip }, () => {
  let browser;

  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  it('is the style as it is served, by day and by night', async () => {
    const { page, faults } = await open(browser, new URL('/docs', server).href, size);
    for (const [name, theme] of [['日间样式', 'day'], ['夜间样式', 'night']]) {
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name }).click()]);
      assert.equal(download.suggestedFilename(), `gewu-${theme}.json`);
      const saved = JSON.parse(await readFile(await download.path(), 'utf8'));
      assert.deepEqual(saved, await json(`/style.json?theme=${theme}&base=none`));
    }
    assert.deepEqual(faults, []);
  });
});

describe('the page for developers is for everybody', { skip }, () => {
  let browser;

  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  for (const [name, of, colorScheme] of [['wide-day', size, 'light'], ['wide-night', size, 'dark'], ['phone-day', phone, 'light'], ['phone-night', phone, 'dark']]) {
    it(`leaves out nobody who cannot see it, or not well: ${name}`, async () => {
      const { page, faults } = await open(browser, new URL('/docs', server).href, of, { colorScheme });
      const resolve = page.getByRole('region', { name: /^坐标归属：/ });
      await resolve.getByRole('button', { name: '运行' }).click();
      await resolve.getByText('"responsible"').waitFor();
      await page.locator('details#items summary').click();
      await page.getByRole('img', { name: '瓦片图样，按比例' }).waitFor();
      await assertAccessible(page);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), of.width, 'nothing is wider than the window');
      await picture(page, `docs-${name}`);
      assert.deepEqual(faults, []);
    });
  }
});
