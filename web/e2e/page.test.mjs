// The page in a real browser against a running server: GEWU_URL=http://127.0.0.1:8080 node --test e2e/

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { idle, launch, open, picture, pixelsOf, variety } from './browser.mjs';
import { answered, assertAccessible, desktop, mapPage, openMode, phone, small, wall } from './map.mjs';
import { json, server, skip } from './server.mjs';

/** The outline of the grid asked about, by day. */
const outline = [232, 89, 12];

/** The panel with the answer, by role and name as a screen reader finds it. */
function panel(page, name = '查询结果') {
  return page.getByRole('region', { name });
}

mapPage('the map page', (map) => {
  it('draws the whole territory at first', async () => {
    const { page, faults } = await map.visit(desktop);
    assert.ok((await variety(page)) > 30, 'the map shows more than a plain background');
    assert.equal(await page.getAttribute('html', 'lang'), 'zh-CN');
    assert.match(await page.locator('.counts').innerText(), new RegExp(map.status.grids.toLocaleString('en-US')));
    assert.equal(await page.getByText('示例数据').isVisible(), map.status.invented);
    await picture(page, 'desktop-day-region');
    assert.deepEqual(faults, []);
  });

  it('names chain, worker and border distance of the point clicked, and the address keeps them', async () => {
    const { page, faults } = await map.visit(desktop, map.near(15), { sharp: true });
    assert.ok((await variety(page)) > 30);
    await page.mouse.click(desktop.width / 2, desktop.height / 2);
    await answered(page);
    await idle(page);
    const text = await panel(page).innerText();
    for (const grid of map.place.chain) assert.ok(text.includes(grid.name), `${grid.name} in ${text}`);
    assert.ok(text.includes(map.place.grid.code));
    const [worker] = map.place.responsible;
    assert.ok(text.includes(worker.name) && text.includes(worker.phone), text);
    assert.match(text, /网格长|专职网格员|兼职网格员|网格指导员/);
    assert.match(text, /距网格边界\s*[\d.]+ (米|公里)/);
    assert.ok((await pixelsOf(page, outline)) > 500, 'the grid is outlined');
    await picture(page, 'desktop-day-click');
    assert.match(new URL(page.url()).hash, /^#15\/[\d.]+\/[\d.]+&point=[\d.]+,[\d.]+$/);
    await page.reload();
    await answered(page);
    assert.ok((await panel(page).innerText()).includes(map.place.grid.code));
    await page.keyboard.press('Escape');
    assert.equal(await panel(page).isVisible(), false);
    await idle(page);
    assert.equal(await pixelsOf(page, outline), 0, 'closing takes the outline away');
    assert.deepEqual(faults, []);
  });

  it('answers the keyboard: Enter asks about the centre', async () => {
    const { page, faults } = await map.visit(small, map.near(15));
    await page.locator('#map canvas').focus();
    await page.keyboard.press('Enter');
    await answered(page);
    assert.ok((await panel(page).innerText()).includes(map.place.grid.code));
    assert.deepEqual(faults, []);
  });

  it('speaks English and wears night colours at a switch, and remembers both', async () => {
    const { page, faults } = await map.visit(desktop, map.near(13.2));
    await page.getByRole('button', { name: 'Switch to English' }).click();
    await page.getByRole('button', { name: 'Night colours' }).click();
    await page.waitForTimeout(500);
    await idle(page);
    await page.mouse.click(desktop.width / 2, desktop.height / 2);
    await answered(page);
    assert.match(await panel(page, 'Result').innerText(), /On duty/);
    await idle(page);
    await picture(page, 'desktop-night-english');
    await page.reload();
    await idle(page);
    assert.equal(await page.getAttribute('html', 'lang'), 'en');
    assert.equal(await page.getAttribute('html', 'data-theme'), 'night');
    assert.deepEqual(faults, []);
  });

  it('raises the buildings and shows which layers there are', async () => {
    const { page, faults } = await map.visit(desktop, map.near(15.8));
    await page.getByRole('button', { name: '三维视图' }).click();
    await page.waitForTimeout(600);
    await idle(page);
    await picture(page, 'desktop-day-3d');
    const layers = await openMode(page, '图层');
    for (const { name } of map.status.levels) assert.ok(await layers.getByRole('checkbox', { name }).first().isChecked(), name);
    const before = await page.locator('#map canvas').screenshot();
    await layers.getByRole('checkbox', { name: '建筑' }).uncheck();
    await layers.getByRole('checkbox', { name: '设施' }).uncheck();
    await page.waitForTimeout(600);
    await idle(page);
    assert.notDeepEqual(await page.locator('#map canvas').screenshot(), before, 'switching layers off changes the picture');
    await picture(page, 'desktop-day-layers');
    await layers.getByRole('checkbox', { name: map.status.levels[2].name }).first().uncheck();
    await page.waitForFunction(() => location.hash.includes('&hide=buildings,facilities,grids-3'));
    await page.reload();
    await idle(page);
    for (const name of ['建筑', '设施', map.status.levels[2].name]) {
      assert.equal(await layers.getByRole('checkbox', { name }).first().isChecked(), false, `${name}: the address keeps what is off`);
    }
    await page.keyboard.press('Escape');
    assert.equal(await layers.isVisible(), false);
    assert.deepEqual(faults, []);
  });

  it('answers for another day, which the calendar gives and the address keeps', async () => {
    const { page, faults } = await map.visit(small, map.near(15));
    await page.getByRole('button', { name: '选择日期' }).click();
    await page.getByRole('button', { name: '下个月' }).click();
    const asked = page.waitForRequest((request) => request.url().includes('/v1/resolve'));
    await page.getByRole('button', { name: /15日/ }).click();
    assert.match(page.url(), /&at=\d{4}-\d\d-15/);
    await page.getByText('界线为今天的').waitFor();
    await page.mouse.click(small.width * 0.7, small.height / 2);
    const [, day] = /at=(\d{4}-\d\d-15)/.exec(page.url());
    assert.equal(new URL((await asked).url()).searchParams.get('at'), `${day}T12:00:00+08:00`);
    await answered(page);
    assert.ok((await panel(page).innerText()).includes(day));
    await page.reload();
    await answered(page);
    assert.ok((await panel(page).innerText()).includes(day));
    await page.getByRole('button', { name: '选择日期' }).click();
    await page.getByRole('button', { name: '回到今天' }).click();
    await answered(page);
    assert.doesNotMatch(page.url(), /at=/);
    assert.equal(await page.getByText('界线为今天的').count(), 0);
    assert.deepEqual(faults, []);
  });

  it('opens its modes by the keyboard, one at a time, and the address keeps which', async () => {
    const { page, faults } = await map.visit(small);
    await page.keyboard.press('Alt+5');
    await page.getByRole('tabpanel', { name: '图层' }).waitFor();
    assert.equal(await page.getByRole('tabpanel').count(), 1);
    assert.match(page.url(), /&open=layers$/);
    await page.reload();
    await page.getByRole('tabpanel', { name: '图层' }).waitFor();
    await page.getByRole('button', { name: '选择日期' }).click();
    await page.getByRole('dialog', { name: '日期' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog', { name: '日期' }).waitFor({ state: 'detached' });
    assert.equal(await page.getByRole('tabpanel').count(), 1, 'the key closes what is uppermost');
    await page.keyboard.press('Escape');
    assert.equal(await page.getByRole('tabpanel').count(), 0);
    assert.deepEqual(faults, []);
  });

  for (const colorScheme of ['light', 'dark']) {
    it(`leaves nobody out, in ${colorScheme} colours`, async () => {
      const { page, faults } = await map.visit(small, map.near(15), { colorScheme });
      await page.mouse.click(small.width * 0.7, small.height / 2);
      await answered(page);
      await assertAccessible(page);
      await openMode(page, '图层');
      await assertAccessible(page);
      assert.deepEqual(faults, []);
    });
  }

  it('has a dock at each side of a wall', async () => {
    const { page, faults } = await map.visit(wall, map.near(14));
    await page.mouse.click(wall.width / 2, wall.height / 2);
    await answered(page);
    await idle(page);
    const [ask, layers] = [page.getByRole('tabpanel', { name: '查询' }), page.getByRole('tabpanel', { name: '图层' })];
    assert.ok((await ask.boundingBox()).x < wall.width / 4 && (await layers.boundingBox()).x > wall.width * 0.7);
    assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize), '22px', 'it is read from afar');
    await picture(page, 'wall-day-click');
    assert.deepEqual(faults, []);
  });

  it('fits a phone', async () => {
    const { page, faults } = await map.visit(phone);
    await picture(page, 'phone-day-region');
    const { page: close, faults: more } = await map.visit(phone, map.near(15));
    await close.mouse.click(phone.width / 2, phone.height / 2);
    await answered(close);
    await idle(close);
    const box = await panel(close).boundingBox();
    assert.ok(box && box.x >= 0 && box.x + box.width <= phone.width && box.y + box.height <= phone.height, JSON.stringify(box));
    assert.equal(await close.evaluate(() => document.documentElement.scrollWidth), phone.width);
    await picture(close, 'phone-day-click');
    assert.deepEqual([...faults, ...more], []);
  });
});

/** What no page may do is told on the console, which is watched; here, that it is told at all. */
describe('the policy of content', { skip }, () => {
  let browser;

  before(async () => {
    browser = await launch();
  });

  after(() => browser?.close());

  it('lets the pages without scripts have their own style, and nobody anything else', async () => {
    for (const path of ['/collections?f=html', '/collections/grids/items?f=html&limit=3']) {
      const { page, faults } = await open(browser, new URL(path, server).href, small);
      assert.notEqual(await page.evaluate(() => getComputedStyle(document.body).maxWidth), 'none', path);
      assert.deepEqual(faults, [], path);
      await page.evaluate(() => {
        const [script, style] = ['script', 'style'].map((name) => document.createElement(name));
        script.textContent = 'document.title = "ran"';
        style.textContent = 'body { max-width: none }';
        document.body.append(script, style);
      });
      assert.notEqual(await page.title(), 'ran', path);
      assert.notEqual(await page.evaluate(() => getComputedStyle(document.body).maxWidth), 'none', path);
      assert.equal(faults.filter((fault) => fault.includes('Content Security Policy')).length, 2, faults.join('\n'));
      await page.context().close();
    }
  });
});
