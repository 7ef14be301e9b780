// The mode Overview, and figures in colours.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { idle, picture, variety } from './browser.mjs';
import { assertAccessible, assertWellShown, desktop, mapPage, openMode, phone, small, wall } from './map.mjs';
import { json } from './server.mjs';

const number = (n) => n.toLocaleString('en-US');

mapPage('the mode Overview', (map) => {
  it('says of an area who and what is there and what is missing; its charts are tables', async () => {
    const [, county] = map.place.chain;
    const { page, faults } = await map.visit(desktop, `#open=overview&grid=${county.code}`);
    const told = await json(`/v1/grids/${county.code}/overview`);
    const panel = await openMode(page, '概览');
    await panel.getByText(number(told.counts.people.count)).first().waitFor();
    const text = await panel.innerText();
    for (const n of [told.households, told.counts.buildings.total, told.counts.facilities.total]) assert.ok(text.includes(number(n)), `${n} in ${text}`);
    assert.ok(text.includes(`${told.gaps.vacant} / ${number(told.gaps.leaves)}`), text);
    const classes = panel.getByRole('table', { name: '各类设施' });
    const row = classes.getByRole('row', { name: new RegExp(`卫生室（诊所） ${told.counts.facilities.classes.clinic}`) });
    assert.equal(await row.count(), 1);
    assert.ok((await panel.getByRole('table', { name: '微网格的规模' }).count()) === 1);
    await assertAccessible(page);
    await picture(page, 'desktop-day-overview');
    await panel.getByRole('button', { name: '哪些微网格户数过多？' }).click();
    const { rows } = await json(`/v1/figures?figures=micro_too_large&level=6&within=${county.code}`);
    const large = rows.filter(({ values: [n] }) => n > 0).length;
    await page.getByText(`${number(rows.length)} 个微网格中有 ${large} 个`).first().waitFor();
    assert.deepEqual(faults, []);
  });

  it('ranks the grids below by any figure; a click goes there', async () => {
    const { page, faults } = await map.visit(small, '#open=overview');
    const panel = await openMode(page, '概览');
    await panel.getByRole('combobox', { name: '按' }).selectOption('vacant');
    const { rows } = await json(`/v1/figures?figures=vacant&parent=${map.place.chain[0].code}`);
    const most = rows.toSorted((a, b) => b.values[0] - a.values[0])[0];
    const ranking = panel.getByRole('table', { name: /从多到少/ });
    assert.match(await ranking.getByRole('row').nth(1).innerText(), new RegExp(`${most.name}\\s+${most.values[0]}`));
    await ranking.getByRole('button', { name: most.name }).click();
    await page.waitForFunction((code) => location.hash.includes(`grid=${code}`), most.code);
    await panel.getByRole('heading', { name: most.name }).waitFor();
    assert.deepEqual(faults, []);
  });

  it('says that a small count of people is withheld, and why', async () => {
    const { rows } = await json('/v1/figures?figures=people&level=6');
    const small_ = rows.find(({ values: [n] }) => n === null);
    const { page, faults } = await map.visit(small, `#open=overview&grid=${small_.code}`);
    const panel = await openMode(page, '概览');
    await panel.getByText('不公布', { exact: true }).first().waitFor();
    await panel.getByText('人数少于 5 的不公布').waitFor();
    await panel.getByText('已是末级网格').waitFor();
    assert.deepEqual(faults, []);
  });

  it('compares two days', async () => {
    const { page, faults } = await map.visit(desktop, '#open=overview');
    const panel = await openMode(page, '概览');
    await panel.getByText('两日对比').click();
    const day = new Date(Date.now() + 200 * 86_400_000).toISOString().slice(0, 10);
    await panel.getByLabel('后一日').fill(day);
    const table = panel.getByRole('table', { name: new RegExp(`与 ${day} 的对比`) });
    const { whole } = await json(`/v1/figures?figures=workers&parent=${map.place.chain[0].code}&at=${day}T04:00:00Z`);
    await table.getByRole('row', { name: new RegExp(`在岗人员 .*${number(whole.values[0])}`) }).waitFor();
    assert.match(page.url(), new RegExp(`overview=[\\d-]+,${day}`));
    await assertAccessible(page);
    assert.deepEqual(faults, []);
  });

  it('colours the grids by a figure with a legend, and the address keeps it', async () => {
    const { page, faults } = await map.visit(desktop, '#open=layers');
    const panel = await openMode(page, '图层');
    const plain = await variety(page);
    await panel.getByRole('combobox', { name: '统计项' }).selectOption('people');
    await panel.getByRole('combobox', { name: '按哪一级网格' }).selectOption('3');
    const legend = page.getByRole('region', { name: '图例：登记人口（乡镇街道）' });
    await legend.getByRole('listitem').nth(4).waitFor();
    await idle(page);
    assert.ok((await variety(page)) > plain, 'more colours than before');
    assert.match(page.url(), /layers=people%403%40quantile|layers=people@3@quantile/);
    await assertAccessible(page);
    await page.reload();
    await legend.getByRole('listitem').nth(4).waitFor();
    await panel.getByRole('combobox', { name: '分级方法' }).selectOption('equal');
    await idle(page);
    await picture(page, 'desktop-day-choropleth');
    await legend.getByRole('button', { name: '关闭统计图' }).click();
    await legend.waitFor({ state: 'detached' });
    assert.doesNotMatch(page.url(), /layers=/);
    assert.deepEqual(faults, []);
  });

  it('hatches where a count is withheld, with an entry of its own', async () => {
    const { page, faults } = await map.visit(small, `${map.near(15)}&layers=people@6@quantile`, { colorScheme: 'dark' });
    const legend = page.getByRole('region', { name: '图例：登记人口（微网格）' });
    const { rows } = await json('/v1/figures?figures=people&level=6');
    const withheld = rows.filter(({ values: [n] }) => n === null).length;
    await legend.getByText('不公布或未知').waitFor();
    assert.ok((await legend.innerText()).includes(`${number(withheld)} 个网格`));
    await idle(page);
    await picture(page, 'small-night-withheld');
    assert.deepEqual(faults, []);
  });

  it('lets the map shine through: a slider a group, by keyboard too', async () => {
    const { page, faults } = await map.visit(small, map.near(14));
    const panel = await openMode(page, '图层');
    const slider = panel.getByRole('slider', { name: '“建筑”的不透明度' });
    assert.equal(await slider.getAttribute('aria-valuenow'), '100');
    const before = await variety(page);
    for (const name of ['“建筑”的不透明度', '“设施”的不透明度']) {
      await panel.getByRole('slider', { name }).focus();
      await page.keyboard.press('Home');
      assert.equal(await panel.getByRole('slider', { name }).getAttribute('aria-valuenow'), '0');
    }
    await idle(page);
    assert.ok((await variety(page)) < before, 'without buildings and facilities there are fewer colours');
    await panel.getByText('示例数据').waitFor();
    assert.deepEqual(faults, []);
  });

  it('shows only the grid that is chosen, and the address keeps it', async () => {
    const [, county, town] = map.place.chain;
    const { page, answers, faults } = await map.visit(desktop, `#open=layers&grid=${town.code}`);
    const panel = await openMode(page, '图层');
    const all = await variety(page);
    await panel.getByRole('checkbox', { name: `只看本网格：${town.name}` }).check();
    await page.waitForFunction((code) => location.hash.includes(`&within=${code}`), town.code);
    await idle(page);
    assert.ok((await variety(page)) < all, 'what lies around it is gone');
    const asked = (code) => answers.filter(({ url }) => url.includes(`?within=${code}`)).map(({ url }) => new URL(url).pathname.split('/')[2]);
    for (const tileset of ['grids', 'buildings']) assert.ok(asked(town.code).includes(tileset), tileset);
    await picture(page, 'desktop-day-within');
    const before = answers.length;
    await page.reload();
    await page.getByText(`地图只显示“${town.name}”。`).waitFor();
    await idle(page);
    const tiles = answers.slice(before).filter(({ url }) => /\/tiles\/\w+\/\d/.test(url));
    assert.ok(tiles.length > 0 && tiles.every(({ url }) => url.endsWith(`?within=${town.code}`)), 'from the first tile on');
    await assertAccessible(page);
    await page.evaluate((hash) => location.replace(hash), `#open=layers&grid=${county.code}&within=${county.code}`);
    await page.getByText(`地图只显示“${county.name}”。`).waitFor();
    await page.getByRole('button', { name: '显示全部' }).click();
    await page.waitForFunction(() => !location.hash.includes('within='));
    assert.equal(await panel.getByRole('checkbox', { name: `只看本网格：${county.name}` }).isChecked(), false);
    assert.deepEqual(faults, []);
  });

  it('folds the legend, which a phone has folded at first', async () => {
    const visited = await map.visit(phone, '#layers=vacant@3@equal');
    const legend = visited.page.getByRole('region', { name: /^图例/ });
    await legend.waitFor();
    assert.equal(await legend.getByRole('listitem').count(), 0);
    assert.ok((await legend.boundingBox()).height < 80, 'it leaves the map free');
    await picture(visited.page, 'phone-day-legend-folded');
    await legend.getByRole('button', { name: '展开图例' }).click();
    await legend.getByRole('listitem').first().waitFor();
    await assertWellShown(visited, 'phone-day-legend');
    await legend.getByRole('button', { name: '收起图例' }).click();
    assert.equal(await legend.getByRole('listitem').count(), 0);
  });

  it('stands on a phone and on a wall, by day and by night, in both languages', async () => {
    const [, county] = map.place.chain;
    for (const [name, size, options] of [['phone-night-overview', phone, { colorScheme: 'dark' }], ['wall-day-overview', wall, {}]]) {
      const visited = await map.visit(size, `#open=overview&grid=${county.code}&layers=vacant@3@equal`, options);
      const { page } = visited;
      await page.getByRole('button', { name: 'EN' }).click();
      await page.getByRole('table', { name: 'Facilities by class' }).waitFor();
      await assertWellShown(visited, name);
    }
  });
});
