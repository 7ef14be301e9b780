// Five tasks as a new user does them, with the clicks counted: WALK.md tells of them. What is typed is no click; Enter after it is not either.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { answered, desktop, mapPage } from './map.mjs';
import { json } from './server.mjs';

/** The next third of March: the sample has no past. */
function march() {
  const now = new Date();
  const year = now.getFullYear() + (now.getMonth() >= 2 ? 1 : 0);
  return `${year}-03-03`;
}

/** Clicks, and counts them. */
function counter(page) {
  const clicks = { n: 0 };
  return {
    clicks,
    map: (x, y) => ((clicks.n += 1), page.mouse.click(x, y)),
    on: (locator) => ((clicks.n += 1), locator.click()),
  };
}

mapPage('a walk through the tasks', (map) => {
  it('whose grid is this? An address or name is typed: no click', async () => {
    const { page, faults } = await map.visit(desktop);
    const { clicks } = counter(page);
    const box = page.getByRole('combobox', { name: '查询地点' });
    await box.focus();
    await box.pressSequentially('xiaguanxiaoxue');
    await page.getByRole('listbox').getByRole('option', { disabled: false }).first().waitFor();
    await box.press('Enter');
    await answered(page);
    await page.getByRole('region', { name: '查询结果' }).getByText('当班人员').waitFor();
    assert.equal(clicks.n, 0);
    assert.deepEqual(faults, []);
  });

  it('whose grid is this? It is seen on the map: one click', async () => {
    const { page, faults } = await map.visit(desktop, map.near(15));
    const click = counter(page);
    await click.map(desktop.width / 2, desktop.height / 2);
    await answered(page);
    assert.ok((await page.getByRole('region', { name: '查询结果' }).innerText()).includes(map.place.grid.name));
    assert.equal(click.clicks.n, 1);
    assert.deepEqual(faults, []);
  });

  it('who is on duty on 3 March? Two clicks and a date', async () => {
    const { lon, lat } = map.place.point;
    const expected = await json(`/v1/resolve?lon=${lon}&lat=${lat}&crs=cgcs2000&at=${march()}T12:00:00%2B08:00`);
    const { page, faults } = await map.visit(desktop, map.near(15));
    const click = counter(page);
    await click.map(desktop.width / 2, desktop.height / 2);
    await answered(page);
    await click.on(page.getByRole('button', { name: '选择日期' }));
    await page.getByLabel('直接输入日期').fill(march());
    await page.getByText('查询日期').waitFor();
    await answered(page);
    const text = await page.getByRole('region', { name: '查询结果' }).innerText();
    assert.ok(text.includes(march()) && text.includes(expected.responsible[0].name), text);
    assert.equal(click.clicks.n, 2);
    assert.deepEqual(faults, []);
  });

  it('what is near this fire? Two clicks', async () => {
    const { page, faults } = await map.visit(desktop, map.near(14));
    const click = counter(page);
    await click.on(page.getByRole('tab', { name: '处置' }));
    await click.map(desktop.width / 2, desktop.height / 2);
    await page.getByRole('region', { name: '需要保护' }).waitFor();
    await page.getByRole('region', { name: '联系网格员' }).waitFor();
    assert.equal(click.clicks.n, 2);
    assert.deepEqual(faults, []);
  });

  it('which villages lack a clinic within 15 minutes? Two clicks', async () => {
    const { rows: [worst] } = await json('/v1/coverage?class=clinic&minutes=15&level=4&limit=1');
    const { page, faults } = await map.visit(desktop);
    const click = counter(page);
    await click.on(page.getByRole('tab', { name: '处置' }));
    await click.on(page.getByRole('tab', { name: '生活圈' }));
    const list = page.getByRole('list', { name: '圈外网格' });
    await list.waitFor();
    assert.ok((await list.getByRole('listitem').first().innerText()).includes(worst.grid.name));
    assert.equal(click.clicks.n, 2);
    assert.deepEqual(faults, []);
  });

  it('which grids are too large? Two clicks', async () => {
    const { page, faults } = await map.visit(desktop);
    const click = counter(page);
    await click.on(page.getByRole('tab', { name: '概览' }));
    await click.on(page.getByRole('button', { name: /哪些.*户数过多？/ }).first());
    await page.getByText(/[\d,]+ 个.*网格中有 [\d,]+ 个/).first().waitFor();
    assert.equal(click.clicks.n, 2);
    assert.deepEqual(faults, []);
  });
});
