// The mode Tree: from the top down and from side to side, in step with the map.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { idle, picture, pixelsOf } from './browser.mjs';
import { assertAccessible, assertWellShown, desktop, mapPage, openMode, phone, small, wall } from './map.mjs';
import { json } from './server.mjs';

/** The outlines of the grid chosen and of the one pointed at, by day. */
const chosen = [232, 89, 12];
const pointed = [11, 107, 206];

const item = (page, name) => page.getByRole('treeitem', { name: new RegExp(`^${name}`) }).first();

mapPage('the mode Tree', (map) => {
  it('shows the levels with what is below, who is on duty and where nobody is; choosing goes there', async () => {
    const { page, faults } = await map.visit(desktop, '#open=tree', { sharp: true });
    const [county] = map.place.chain.slice(1);
    const told = await json(`/v1/figures?figures=grids,workers,vacant&parent=${map.place.chain[0].code}`);
    const [below, workers, vacant] = told.rows.find(({ code }) => code === county.code).values;
    const row = item(page, county.name);
    assert.match(await row.innerText(), new RegExp(`${below.toLocaleString('en-US')} 个下辖网格，${workers.toLocaleString('en-US')} 名在岗人员，${vacant} 个末级网格`));
    const before = page.url();
    await row.click();
    await page.waitForFunction((code) => location.hash.includes(`grid=${code}`), county.code);
    await idle(page);
    assert.notEqual(page.url().split('&')[0], before.split('&')[0], 'the map went there');
    assert.equal(await row.getAttribute('aria-selected'), 'true');
    assert.equal(await row.getAttribute('aria-expanded'), 'true');
    await page.mouse.move(desktop.width - 300, desktop.height - 60);
    await idle(page);
    assert.ok((await pixelsOf(page, chosen)) > 500, 'it is outlined');
    await assertAccessible(page);
    await picture(page, 'desktop-day-tree');
    const path = page.getByRole('navigation', { name: '所选网格的上级' });
    await path.getByRole('button', { name: map.place.chain[0].name }).click();
    await page.waitForFunction((code) => location.hash.includes(`grid=${code}`), map.place.chain[0].code);
    assert.deepEqual(faults, []);
  });

  it('reveals what is chosen on the map, down to the level that the map shows, and the address keeps it', async () => {
    const { page, faults } = await map.visit(desktop, `${map.near(16)}&open=tree`);
    await page.mouse.click(desktop.width / 2, desktop.height / 2);
    const leaf = map.place.grid;
    await page.waitForFunction((code) => location.hash.includes(`grid=${code}`), leaf.code);
    await page.locator('[role="treeitem"][aria-selected="true"]').waitFor();
    assert.match(await page.locator('[role="treeitem"][aria-selected="true"]').innerText(), new RegExp(leaf.name));
    await page.reload();
    await page.locator('[role="treeitem"][aria-selected="true"]').waitFor();
    assert.match(await page.locator('[role="treeitem"][aria-selected="true"]').innerText(), new RegExp(leaf.name));
    assert.deepEqual(faults, []);
  });

  it('points both ways: a row outlines its grid, a grid marks its row', async () => {
    const { page, faults } = await map.visit(desktop, '#open=tree', { sharp: true });
    const [, county] = map.place.chain;
    await item(page, county.name).hover();
    await idle(page);
    assert.ok((await pixelsOf(page, pointed)) > 200, 'outlined on the map');
    await page.mouse.move(desktop.width * 0.65, desktop.height * 0.5);
    await page.locator('.tree-item.pointed').waitFor();
    await idle(page);
    // The mark of the row has the same colour.
    assert.ok((await pixelsOf(page, pointed)) < 150, 'and no longer');
    assert.deepEqual(faults, []);
  });

  it('is walked by keyboard', async () => {
    const { page, faults } = await map.visit(small, '#open=tree');
    const [top, county] = map.place.chain;
    await item(page, county.name).waitFor();
    await item(page, top.name).focus();
    await page.keyboard.press('ArrowDown');
    const first = await page.evaluate(() => document.activeElement.dataset.code);
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction(() => document.activeElement.getAttribute('aria-expanded') === 'true');
    await page.waitForFunction((code) => document.querySelectorAll('[role="treeitem"][data-indent="3"]').length > 0 && code, first);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.waitForFunction((code) => /grid=\d+/.test(location.hash) && location.hash.includes(code), first);
    assert.equal(await page.locator('[role="treeitem"][aria-selected="true"]').count(), 1);
    assert.deepEqual(faults, []);
  });

  it('lists, from side to side, which grids lack something, and shows them on the map', async () => {
    const { page, faults } = await map.visit(desktop, '#open=tree');
    const panel = await openMode(page, '网格树');
    await panel.getByRole('tab', { name: '横向' }).click();
    await panel.getByRole('combobox', { name: '层级' }).selectOption('3');
    await panel.getByRole('combobox', { name: '查什么' }).selectOption('service');
    const { rows } = await json('/v1/figures?figures=facilities.service_station&level=3');
    const without = rows.filter(({ values: [n] }) => n === 0);
    await panel.getByText(`${rows.length} 个乡镇街道中有 ${without.length} 个`).first().waitFor();
    await panel.getByRole('button', { name: '在地图上显示' }).click();
    const legend = page.getByRole('region', { name: '图例：网格服务站（乡镇街道）' });
    await legend.waitFor();
    await idle(page);
    await picture(page, 'desktop-day-across');
    if (without.length > 0) assert.match(await legend.innerText(), new RegExp(`0\\s+${without.length} 个网格`));
    await panel.getByRole('combobox', { name: '查什么' }).selectOption('worker');
    const gaps = (await json('/v1/figures?figures=vacant&level=3')).rows.filter(({ values: [n] }) => n > 0);
    await panel.getByText(`${rows.length} 个乡镇街道中有 ${gaps.length} 个`).first().waitFor();
    const most = gaps.toSorted((a, b) => b.values[0] - a.values[0] || a.code.localeCompare(b.code))[0];
    await panel.getByRole('list').last().getByRole('button').first().click();
    await page.waitForFunction((code) => location.hash.includes(`grid=${code}`), most.code);
    await assertAccessible(page);
    assert.deepEqual(faults, []);
  });

  it('stands on a phone and on a wall, by day and by night, in both languages', async () => {
    for (const [name, size, options] of [['phone-day-tree', phone, {}], ['wall-night-tree', wall, { colorScheme: 'dark' }]]) {
      const visited = await map.visit(size, '#open=tree', options);
      const { page } = visited;
      await item(page, map.place.chain[1].name).waitFor();
      await page.getByRole('button', { name: 'EN' }).click();
      await page.getByRole('tree', { name: 'Tree of grids' }).waitFor();
      await assertWellShown(visited, name);
    }
  });
});
