// Ask: whatever is looked for, in one box; what is said of it, for elsewhere too.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { idle, picture } from './browser.mjs';
import { answered, assertAccessible, desktop, mapPage, phone, small, wall } from './map.mjs';
import { json } from './server.mjs';

function box(page) {
  return page.getByRole('combobox', { name: '查询地点' });
}

function suggestions(page) {
  return page.getByRole('listbox').getByRole('option', { disabled: false });
}

function result(page, name = '查询结果') {
  return page.getByRole('region', { name });
}

/** What the page put into the clipboard. */
async function copied(page, button) {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: button, exact: true }).click();
  await page.getByText(/^已复制/).waitFor();
  return page.evaluate(() => navigator.clipboard.readText());
}

mapPage('the mode Ask', (map) => {
  it('finds a GCJ-02 coordinate where the server finds it, flies there, and remembers the system', async () => {
    const { lon, lat } = map.place.point;
    const expected = await json(`/v1/resolve?lon=${lon}&lat=${lat}&crs=gcj02`);
    const { page, faults } = await map.visit(desktop);
    await page.getByRole('combobox', { name: '所输坐标的坐标系' }).selectOption('GCJ-02');
    await box(page).fill(`${lon}, ${lat}`);
    await suggestions(page).filter({ hasText: 'GCJ-02' }).waitFor();
    await box(page).press('Enter');
    await answered(page);
    const text = await result(page).innerText();
    assert.ok(text.includes(expected.point.lon.toFixed(6)), text);
    if (expected.grid) assert.ok(text.includes(expected.grid.code), text);
    await page.waitForFunction(() => /^#1[5-9]/.test(location.hash));
    await idle(page);
    await picture(page, 'desktop-day-gcj02');
    await page.reload();
    await answered(page);
    assert.equal(await page.getByRole('combobox', { name: '所输坐标的坐标系' }).inputValue(), 'gcj02');
    assert.deepEqual(faults, []);
  });

  it('finds a projected coordinate by the number of its system', async () => {
    const { page, faults } = await map.visit(small);
    await box(page).fill('EPSG:4542 626000 2833000');
    await box(page).press('Enter');
    await answered(page);
    const expected = await json('/v1/resolve?lon=626000&lat=2833000&crs=EPSG:4542');
    assert.ok((await result(page).innerText()).includes(expected.point.lon.toFixed(6)));
    assert.deepEqual(faults, []);
  });

  it('refuses a coordinate that is none, and says what to write', async () => {
    const { page, faults } = await map.visit(small);
    await box(page).fill(`${map.place.point.lat}, ${map.place.point.lon}`);
    assert.match(await page.getByRole('alert').innerText(), /纬度在前/);
    await box(page).press('Enter');
    assert.equal(await result(page).isVisible(), false);
    assert.deepEqual(faults, []);
  });

  it('suggests by pinyin as one types, is chosen by the keyboard, and the address keeps it', async () => {
    const { results: [first, second] } = await json('/v1/search?q=weishengshi&limit=8');
    const { page, faults } = await map.visit(desktop);
    await box(page).fill('weishengshi');
    await suggestions(page).first().waitFor();
    assert.match(await suggestions(page).first().innerText(), new RegExp(first.name));
    await picture(page, 'desktop-day-search');
    await box(page).press('ArrowDown');
    await box(page).press('Enter');
    await answered(page);
    assert.ok((await result(page).innerText()).includes(second.name));
    assert.equal(await suggestions(page).count(), 0, 'the suggestions are gone');
    await page.waitForFunction((id) => location.hash.includes(`ask=facilities/${id}`), second.id);
    await page.reload();
    await answered(page);
    assert.ok((await result(page).innerText()).includes(second.name), 'its name comes back');
    assert.deepEqual(faults, []);
  });

  it('answers Enter before the suggestions are there', async () => {
    const { page, faults } = await map.visit(small);
    await box(page).pressSequentially('dali');
    await box(page).press('Enter');
    await page.waitForSelector('.result[data-state="grid"], .result[data-state="answer"]');
    assert.deepEqual(faults, []);
  });

  it('tells of a grid by its code: chain, who serves it, how large it is', async () => {
    const village = map.place.chain.find(({ level }) => level === 4) ?? map.place.chain.at(-2);
    const { staff } = await json(`/v1/grids/${village.code}/staff`);
    const { page, faults } = await map.visit(small);
    await box(page).fill(village.code);
    await suggestions(page).filter({ hasText: village.code }).first().click();
    await page.waitForSelector('.result[data-state="grid"]');
    const text = await result(page).innerText();
    for (const grid of map.place.chain.slice(0, 4)) assert.ok(text.includes(grid.name), grid.name);
    if (staff[0]) assert.ok(text.includes(staff[0].name) && text.includes(staff[0].phone), text);
    assert.match(text, /户数\s*[\d,]+/);
    await page.waitForFunction((code) => location.hash.includes(`ask=grids/${code}`), village.code);
    await page.reload();
    await page.waitForSelector('.result[data-state="grid"]');
    assert.deepEqual(faults, []);
  });

  it('says what it did not find', async () => {
    const { page, faults } = await map.visit(small);
    await box(page).fill('没有这个地方吧xyzzy');
    await page.getByRole('listbox').getByText(/没有找到“没有这个地方吧xyzzy”/).waitFor();
    assert.deepEqual(faults, []);
  });

  it('lists other grids near a border, as far as the position may be off', async () => {
    const { border_m: border, point } = map.place;
    const { page, faults } = await map.visit(small, `${map.near(15)}&point=${point.lon},${point.lat}&ask=within/100`);
    await answered(page);
    const expected = await json(`/v1/resolve?lon=${point.lon}&lat=${point.lat}&crs=cgcs2000&accuracy=100`);
    const near = result(page).getByRole('heading', { name: '也可能属于' });
    assert.equal(await near.count(), expected.candidates.length > 0 ? 1 : 0);
    assert.equal(expected.candidates.length > 0, border < 100);
    await result(page).getByRole('combobox', { name: '定位误差' }).selectOption('无');
    await near.waitFor({ state: 'detached' });
    await answered(page);
    assert.match(page.url(), /ask=within\/0/);
    assert.deepEqual(faults, []);
  });

  it('copies the answer as JSON, as a command, as GeoJSON and as a link, and says so', async () => {
    const { lon, lat } = map.place.point;
    const { page, faults } = await map.visit(small, `${map.near(15)}&point=${lon},${lat}`);
    await answered(page);
    const answer = JSON.parse(await copied(page, '复制 JSON'));
    assert.equal(answer.grid.code, map.place.grid.code);
    assert.match(await copied(page, '复制 curl 命令'), /^curl -s 'http:.*\/v1\/resolve\?lon=.*crs=cgcs2000.*'$/);
    const { features } = JSON.parse(await copied(page, '复制 GeoJSON'));
    assert.deepEqual(features.map(({ geometry }) => geometry.type.replace('Multi', '')), ['Point', 'Polygon']);
    assert.equal(await copied(page, '复制链接'), page.url());
    assert.deepEqual(faults, []);
  });

  it('says in the words of the server why names and phones are masked', async () => {
    const { caller } = await json('/v1/access');
    const { why } = caller.sees.find(({ field }) => field === 'workers.phone');
    const { lon, lat } = map.place.point;
    const { page, faults } = await map.visit(small, `${map.near(15)}&point=${lon},${lat}`);
    await answered(page);
    await result(page).getByText('姓名、电话未全部显示').click();
    assert.ok((await result(page).innerText()).includes(why), why);
    assert.equal(await page.getByRole('link', { name: /拨打/ }).count(), 0, 'a masked number cannot be called');
    assert.deepEqual(faults, []);
  });

  for (const [size, name] of [[phone, 'phone'], [wall, 'wall']]) {
    it(`is used in English and at night on a ${name}`, async () => {
      const { page, faults } = await map.visit(size, '', { colorScheme: 'dark' });
      await page.getByRole('button', { name: 'Switch to English' }).click();
      await page.getByRole('combobox', { name: 'Find a place' }).fill('weishengshi');
      await suggestions(page).first().waitFor();
      const list = await page.getByRole('listbox').boundingBox();
      assert.ok(list.x >= 0 && list.x + list.width <= size.width, JSON.stringify(list));
      await picture(page, `${name}-night-search-english`);
      await assertAccessible(page);
      await suggestions(page).first().click();
      await answered(page);
      assert.match(await result(page, 'Result').innerText(), /On duty/);
      await idle(page);
      await picture(page, `${name}-night-found-english`);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), size.width);
      assert.deepEqual(faults, []);
    });
  }
});
