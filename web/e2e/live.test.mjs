// An edit while the page is open: it shows without a reload, and only what it touches is asked for again.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { idle, launch, open } from './browser.mjs';
import { freePort, start } from './process.mjs';
import { json, server, somewhere } from './server.mjs';

/** The program and its data directory: see tests/page.sh, which runs this after everything else, since it changes the data. */
const { GEWU_PROGRAM: program, GEWU_EDITED: data } = process.env;

/** Imports a text as a file of that name. */
async function put(kind, name, text) {
  const file = join(await mkdtemp(join(tmpdir(), 'gewu-')), name);
  await writeFile(file, text);
  await promisify(execFile)(program, ['import', ...kind, file, '--data-dir', data]);
}

/** Puts a new hospital where a point is. */
async function putHospital({ lon, lat }, identity, name) {
  const properties = { source_id: identity, class: 'hospital', name };
  const geometry = { type: 'Point', coordinates: [lon, lat] };
  await put(['resources', 'facilities'], 'new.geojson', JSON.stringify({ type: 'FeatureCollection', features: [{ type: 'Feature', properties, geometry }] }));
}

/** A server of its own on the same data; ready when it gives its address. */
async function serve(port) {
  return (await start(program, ['serve', '--data-dir', data, '--listen', `127.0.0.1:${port}`])).process;
}

async function stop(started) {
  started.kill('SIGINT');
  await once(started, 'exit');
}

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

    await putHospital(point, 'e2e-1', '新落成的医院');

    const asked = (tileset) => answers.slice(before).filter(({ url }) => url.includes(`/tiles/${tileset}/`));
    for (let tenths = 0; asked('facilities').length === 0; tenths += 1) {
      assert.ok(tenths < 100, 'the page asks for the tile with the new facility');
      await page.waitForTimeout(100);
    }
    await idle(page);
    assert.deepEqual(asked('buildings'), []);
    assert.deepEqual(asked('grids'), []);
    await page.mouse.click(size.width / 2, size.height / 2);
    await page.getByText('新落成的医院').first().waitFor({ timeout: 15_000 });
    assert.ok(await page.evaluate(() => window.sameAsBefore), 'it was not loaded anew');
    assert.deepEqual(faults, []);
  });

  it('says of an answer that it is older than the map, and asks again', async () => {
    const { point } = await somewhere((await json('/v1/status')).bounds);
    const at = `${point.lon},${point.lat}`;
    const hash = `#14/${point.lat}/${point.lon}&open=act&act=point/${at}`;
    const { page, faults } = await open(browser, new URL(`/${hash}`, server).href, { width: 1024, height: 640 });
    const sides = page.getByRole('region', { name: '需要保护' });
    await sides.waitFor();
    assert.equal(await page.getByRole('button', { name: '重新查询' }).count(), 0);
    await putHospital(point, 'e2e-2', '第二家新医院');
    await page.getByText(/现已有第 \d+ 版/).waitFor({ timeout: 15_000 });
    assert.equal(await sides.getByText('第二家新医院').count(), 0, 'nothing changes under the eyes of whoever reads it');
    await page.getByRole('button', { name: '重新查询' }).click();
    await sides.getByText('第二家新医院').waitFor();
    assert.equal(await page.getByRole('button', { name: '重新查询' }).count(), 0);
    assert.deepEqual(faults, []);
  });

  it('renews the numbers of the tree and of the overview by itself', async () => {
    const number = (n) => n.toLocaleString('en-US');
    const [vacant] = (await json('/v1/figures?figures=vacant&level=6')).rows.filter(({ values: [n] }) => n > 0);
    const [top, county] = (await json(`/v1/grids/${vacant.code}/ancestors`)).grids;
    const figures = async () => (await json(`/v1/figures?figures=workers,vacant&parent=${top.code}`)).rows.find(({ code }) => code === county.code).values;
    const [workers, gaps] = await figures();
    const { page, faults } = await open(browser, new URL(`/#open=tree&grid=${county.code}`, server).href, { width: 1024, height: 640 });
    const row = page.getByRole('treeitem', { name: new RegExp(`^${county.name}`) });
    const says = (people, none) => row.filter({ hasText: `${number(people)} 名在岗人员，${number(none)} 个末级网格` }).waitFor({ timeout: 20_000 });
    await says(workers, gaps);
    await page.evaluate(() => (window.sameAsBefore = true));
    await put(['workers'], 'workers.csv', 'source_id,name,role\ne2e-1,段新来,full_time\n');
    await put(['assignments'], 'assignments.csv', `worker,grid,role\ne2e-1,${vacant.code},full_time\n`);
    await says(workers + 1, gaps - 1);

    await page.getByRole('tab', { name: '概览', exact: true }).click();
    const numbers = page.getByRole('tabpanel', { name: '概览', exact: true });
    const facilities = (await json(`/v1/grids/${county.code}/overview`)).counts.facilities.total;
    const shows = (n) => numbers.getByRole('definition').getByText(number(n), { exact: true }).first().waitFor({ timeout: 20_000 });
    await shows(facilities);
    await shows(workers + 1);
    const { label_point: point } = await json(`/v1/grids/${vacant.code}`);
    await putHospital(point, 'e2e-3', '第三家新医院');
    await shows(facilities + 1);
    assert.ok(await page.evaluate(() => window.sameAsBefore), 'it was not loaded anew');
    assert.deepEqual(faults, []);
  });

  it('says that the server is away, and heals when it is back', async () => {
    const port = await freePort();
    let own = await serve(port);
    try {
      const { point } = await somewhere((await json('/v1/status')).bounds);
      const { page } = await open(browser, `http://127.0.0.1:${port}/#15/${point.lat}/${point.lon}`, { width: 1024, height: 640 });
      await idle(page);
      await page.evaluate(() => (window.sameAsBefore = true));
      await stop(own);
      await page.getByText('与服务器的连接已中断').waitFor({ timeout: 15_000 });
      await page.mouse.click(700, 320);
      await page.getByText('连不上服务').waitFor();
      own = await serve(port);
      await page.getByText('与服务器的连接已中断').waitFor({ state: 'detached', timeout: 20_000 });
      await page.mouse.click(700, 330);
      await page.waitForSelector('.result[data-state="answer"]', { timeout: 15_000 });
      assert.ok(await page.evaluate(() => window.sameAsBefore), 'it was not loaded anew');
    } finally {
      await stop(own);
    }
  });
});
