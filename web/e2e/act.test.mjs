// Act: an incident, a drawn area, a service circle; as a list, on the map and as a table.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { it } from 'node:test';
import { idle, picture, pixelsOf } from './browser.mjs';
import { assertAccessible, desktop, mapPage, openMode, phone, small, wall } from './map.mjs';
import { json, server } from './server.mjs';

/** The rings by day. */
const ring = [179, 38, 30];

const protectedOnes = ['kindergarten', 'primary_school', 'middle_school', 'elderly_care', 'hospital', 'market', 'substation', 'charging_station'];

async function saved(page) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: '下载 CSV' }).click()]);
  return readFile(await download.path(), 'utf8');
}

async function openTask(page, name) {
  const panel = await openMode(page, '处置');
  await panel.getByRole('tab', { name, exact: true }).click();
  return panel;
}

mapPage('the mode Act', (map) => {
  const nearby = () => {
    const { lon, lat } = map.place.point;
    return json(`/v1/nearby?lon=${lon}&lat=${lat}&crs=cgcs2000&rings=500,1000,3000&collections=facilities&limit=1000`);
  };
  const incident = () => `${map.near(13)}&open=act&act=point/${map.place.point.lon},${map.place.point.lat}`;

  it('shows what is around a click: rings, what to protect, what can help, whom to call', async () => {
    const { page, faults } = await map.visit(desktop, map.near(14), { sharp: true });
    const panel = await openMode(page, '处置');
    await page.mouse.click(desktop.width / 2, desktop.height / 2);
    await panel.getByRole('region', { name: '需要保护' }).waitFor();
    await idle(page);
    assert.ok((await pixelsOf(page, ring)) > 200, 'the rings are drawn');
    const found = await nearby();
    const n = found.resources.filter((thing) => protectedOnes.includes(thing.class)).length;
    await panel.getByRole('heading', { name: `需要保护 · ${n}`, exact: false }).waitFor();
    const text = await panel.innerText();
    assert.ok(text.includes(found.grids[0].name) && text.includes(found.grids[0].responsible[0].name), text);
    await picture(page, 'desktop-day-incident');
    assert.match(page.url(), /&open=act&act=point\/[\d.]+,[\d.]+/);
    await page.reload();
    await page.getByRole('region', { name: '需要保护' }).waitFor();
    assert.deepEqual(faults, []);
  });

  it('takes the incident from the search box, in any system', async () => {
    const { lon, lat } = map.place.point;
    const expected = await json(`/v1/resolve?lon=${lon}&lat=${lat}&crs=gcj02`);
    const { page, faults } = await map.visit(small);
    const panel = await openMode(page, '处置');
    await page.getByRole('combobox', { name: '所输坐标的坐标系' }).selectOption('GCJ-02');
    await page.getByRole('combobox', { name: '查询地点' }).fill(`${lon}, ${lat}`);
    await page.getByRole('combobox', { name: '查询地点' }).press('Enter');
    await panel.getByText(`${expected.point.lon.toFixed(6)}, ${expected.point.lat.toFixed(6)}`).waitFor();
    await panel.getByRole('region', { name: '可以支援' }).waitFor();
    assert.deepEqual(faults, []);
  });

  it('goes from an answer to what is around it', async () => {
    const { lon, lat } = map.place.point;
    const { page, faults } = await map.visit(small, `${map.near(15)}&point=${lon},${lat}`);
    await page.getByRole('button', { name: '查看周边处置' }).click();
    await page.getByRole('region', { name: '需要保护' }).waitFor();
    assert.deepEqual(faults, []);
  });

  it('rings on the map what is pointed at in the list', async () => {
    const { page, faults } = await map.visit(desktop, incident());
    const help = page.getByRole('region', { name: '可以支援' });
    await help.waitFor();
    await idle(page);
    const before = await page.locator('#map canvas').screenshot();
    await help.getByRole('listitem').first().getByRole('button').hover();
    await page.waitForTimeout(300);
    await idle(page);
    assert.notDeepEqual(await page.locator('#map canvas').screenshot(), before);
    assert.deepEqual(faults, []);
  });

  it('saves what was found as a table', async () => {
    const { page, faults } = await map.visit(small, incident());
    await page.getByRole('region', { name: '需要保护' }).waitFor();
    const table = await saved(page);
    const lines = table.trim().split('\r\n');
    const found = await nearby();
    const people = found.grids.reduce((sum, { responsible }) => sum + responsible.length, 0);
    assert.match(table, /^\uFEFF类别,类型或角色,名称或姓名/);
    assert.ok(lines.length > people && lines.length <= 1 + people + 2 * found.resources.length, `${lines.length}`);
    assert.equal(lines.filter((line) => line.startsWith('联系网格员,')).length, people);
    assert.deepEqual(faults, []);
  });

  it('draws an area by the mouse, with a step back, and the address keeps it', async () => {
    const { page, faults } = await map.visit(desktop, map.near(14));
    const panel = await openTask(page, '圈选');
    await panel.getByRole('button', { name: '在地图上圈画' }).click();
    for (const [x, y] of [[800, 300], [1100, 300], [1300, 900]]) await page.mouse.click(x, y);
    await page.keyboard.press('Backspace');
    await panel.getByText('已画 2 点').waitFor();
    await page.mouse.click(1000, 700);
    await page.mouse.click(801, 301);
    await panel.getByRole('region', { name: '可以支援' }).waitFor();
    await idle(page);
    await picture(page, 'desktop-day-area');
    const vertices = decodeURIComponent(/act=area\/([^&]*)/.exec(page.url())[1]).split(';');
    assert.equal(vertices.length, 3);
    const ringOf = [...vertices, vertices[0]].map((vertex) => vertex.split(',').map(Number));
    const response = await fetch(new URL('/v1/within?crs=cgcs2000&collections=facilities&limit=1000', server), {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ type: 'Polygon', coordinates: [ringOf] }),
    });
    const inside = await response.json();
    const n = inside.resources.filter((thing) => protectedOnes.includes(thing.class)).length;
    await panel.getByRole('heading', { name: `需要保护 · ${n}` }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: `需要保护 · ${n}` }).waitFor();
    assert.deepEqual(faults, []);
  });

  it('draws an area by the finger on a phone', async () => {
    const { page, faults } = await map.visit(phone, map.near(14), { hasTouch: true });
    await page.getByRole('tab', { name: '处置', exact: true }).tap();
    const panel = page.getByRole('tabpanel', { name: '处置', exact: true });
    await panel.getByRole('tab', { name: '圈选', exact: true }).tap();
    await panel.getByRole('button', { name: '在地图上圈画' }).tap();
    const { y: foot } = await panel.boundingBox();
    const head = (await page.getByRole('banner').first().boundingBox()).height;
    const middle = (head + foot) / 2;
    for (const [x, y] of [[80, head + 50], [290, head + 60], [300, middle], [180, foot - 40]]) await page.touchscreen.tap(x, y);
    await panel.getByText('已画 4 点').waitFor();
    await panel.getByRole('button', { name: '撤销一点' }).tap();
    await panel.getByText('已画 3 点').waitFor();
    await picture(page, 'phone-day-drawing');
    await panel.getByRole('button', { name: '完成' }).tap();
    await panel.getByRole('region', { name: '联系网格员' }).waitFor();
    assert.match(decodeURIComponent(page.url()), /act=area\/([\d.]+,[\d.]+;){2}[\d.]+,[\d.]+/);
    await idle(page);
    await picture(page, 'phone-day-area');
    assert.deepEqual(faults, []);
  });

  it('draws an area by the keyboard alone, and Escape gives it up', async () => {
    const { page, faults } = await map.visit(small, map.near(14));
    const panel = await openTask(page, '圈选');
    await panel.getByRole('button', { name: '在地图上圈画' }).press('Enter');
    for (const keys of [[], ['ArrowRight', 'ArrowRight'], ['ArrowDown', 'ArrowDown']]) {
      for (const key of keys) {
        await page.keyboard.press(key);
        await page.waitForTimeout(500);
      }
      await page.keyboard.press('Enter');
    }
    await panel.getByText('已画 3 点').waitFor();
    await page.keyboard.press('Escape');
    await panel.getByRole('button', { name: '在地图上圈画' }).waitFor();
    assert.deepEqual(faults, []);
  });

  it('takes the corners of an area as they are typed, and says what is wrong with them', async () => {
    const { lon, lat } = map.place.point;
    const { page, faults } = await map.visit(small, `${map.near(14)}&open=act&act=area`);
    const panel = page.getByRole('tabpanel', { name: '圈选' });
    await panel.getByText('改用坐标输入').click();
    const corners = panel.getByRole('textbox', { name: /各顶点坐标/ });
    await corners.fill(`${lon}, ${lat}\n${lat}, ${lon}\n1, 2`);
    await panel.getByRole('button', { name: '按坐标圈定' }).click();
    assert.match(await panel.getByRole('alert').innerText(), /第 2 行：.*纬度在前/);
    await corners.fill(`${lon}, ${lat}\n${lon + 0.02}, ${lat}\n${lon}, ${lat + 0.02}`);
    await panel.getByRole('button', { name: '按坐标圈定' }).click();
    await panel.getByRole('region', { name: '联系网格员' }).waitFor();
    assert.deepEqual(faults, []);
  });

  it('lists which villages lie outside a service circle, on the map and as the server\'s own table', async () => {
    const expected = await json('/v1/coverage?class=clinic&minutes=15&level=4&mode=straight&limit=2000');
    const { page, faults } = await map.visit(desktop);
    const panel = await openTask(page, '生活圈');
    const [worst] = expected.rows;
    const list = panel.getByRole('list', { name: '圈外网格' });
    await list.waitFor();
    assert.ok((await list.getByRole('listitem').first().innerText()).includes(worst.grid.name));
    assert.match(await panel.getByRole('status').innerText(), new RegExp(expected.total.households.outside.toLocaleString('en-US')));
    await idle(page);
    await picture(page, 'desktop-day-circle');
    const table = await saved(page);
    assert.match(table, /^code,name,level,buildings/);
    assert.ok(table.includes(worst.grid.name));
    await panel.getByRole('combobox', { name: '服务设施' }).selectOption('医院');
    await page.waitForFunction(() => location.hash.includes('act=circle/hospital/15/4/straight'));
    await list.getByRole('listitem').first().getByRole('button').click();
    await page.waitForFunction(() => /^#1\d/.test(location.hash));
    assert.deepEqual(faults, []);
  });

  it('says in the words of the server that there are no roads to go by', async () => {
    const { page } = await map.visit(small, `${map.near(14)}&open=act&act=circle`);
    const panel = page.getByRole('tabpanel', { name: '生活圈' });
    await panel.getByRole('combobox', { name: '算法' }).selectOption('沿道路');
    await panel.getByText(/no table layer "roads"/).waitFor();
  });

  for (const [size, name, scheme] of [[phone, 'phone', 'dark'], [wall, 'wall', 'light']]) {
    it(`fits a ${name}, in English`, async () => {
      const { page, faults } = await map.visit(size, incident(), { colorScheme: scheme });
      await page.getByRole('button', { name: 'Switch to English' }).click();
      const panel = page.getByRole('tabpanel', { name: 'Act' });
      await panel.getByRole('region', { name: 'To protect' }).waitFor();
      await idle(page);
      const box = await panel.boundingBox();
      assert.ok(box.x >= 0 && box.x + box.width <= size.width && box.y + box.height <= size.height, JSON.stringify(box));
      await picture(page, `${name}-incident-english`);
      await assertAccessible(page);
      for (const task of ['Area', 'Service circle']) {
        await panel.getByRole('tab', { name: task }).click();
        await page.waitForTimeout(300);
        await assertAccessible(page);
      }
      assert.deepEqual(faults, []);
    });
  }
});
