// The service circle along roads: a server of its own whose catalogue has streets, on the data of the sample.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { idle, launch, open, picture } from './browser.mjs';
import { small } from './map.mjs';
import { freePort, start } from './process.mjs';
import { json, server, somewhere } from './server.mjs';

/** The program and its data directory: see tests/page.sh. */
const { GEWU_PROGRAM: program, GEWU_EDITED: data } = process.env;

const catalogue = `name = "roads"
title = "道路 Roads"
max_zoom = 16

[[layer]]
id = "roads"
source = "table"
table = "public.roads"
description = "街道 Streets"
min_zoom = 8
feature_id = "gid"
time_limit_ms = 2000
max_features = 50000
`;

/** Streets around a point that cross every quarter of a kilometre or so, six kilometres to each side. */
const streets = ({ lon, lat }) => `
  drop table if exists public.roads;
  create table public.roads as
    with crossing as (
      select i, j, st_setsrid(st_makepoint(${lon} + i * 0.0025, ${lat} + j * 0.0025), 4490) as at
      from generate_series(-24, 24) i, generate_series(-24, 24) j)
    select row_number() over ()::int as gid, geom::geometry(linestring, 4490) from (
      select st_makeline(at order by i) as geom from crossing group by j union all
      select st_makeline(at order by j) from crossing group by i) street;
  create index on public.roads using gist (geom);`;

describe('the service circle along roads', { skip: !(server && program && data) && 'GEWU_URL, GEWU_PROGRAM or GEWU_EDITED is not set' }, () => {
  let browser;
  let running;
  let origin;
  let point;

  before(async () => {
    ({ point } = await somewhere((await json('/v1/status')).bounds));
    await promisify(execFile)('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-h', join(data, 'postgres/socket'), '-U', 'gewu', '-d', 'gewu', '-c', streets(point)]);
    const folder = await mkdtemp(join(tmpdir(), 'gewu-'));
    await writeFile(join(folder, 'roads.toml'), catalogue);
    const port = await freePort();
    origin = `http://127.0.0.1:${port}`;
    ({ process: running } = await start(program, ['serve', '--data-dir', data, '--catalogue', folder, '--listen', `127.0.0.1:${port}`]));
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    running?.kill('SIGINT');
    if (running) await once(running, 'exit');
  });

  it('lists who is farther than fifteen minutes on foot, by the way that one goes', async () => {
    const coverage = async (mode) => (await fetch(`${origin}/v1/coverage?class=clinic&minutes=15&level=4&mode=${mode}&limit=2000`)).json();
    const [straight, road] = [await coverage('straight'), await coverage('road')];
    assert.ok(road.total.households.outside > straight.total.households.outside, 'a way is longer than a line');
    assert.ok(road.total.households.outside < road.total.households.total, 'some are reached');
    const { page, faults } = await open(browser, `${origin}/#12/${point.lat}/${point.lon}&open=act&act=circle`, small);
    const panel = page.getByRole('tabpanel', { name: '生活圈' });
    const sum = panel.getByRole('status').first();
    const says = ({ outside, total }) => sum.filter({ hasText: `${total.toLocaleString('en-US')} 户中有 ${outside.toLocaleString('en-US')} 户在圈外` }).waitFor({ timeout: 30_000 });
    await says(straight.total.households);
    await panel.getByRole('combobox', { name: '算法' }).selectOption('沿道路');
    await says(road.total.households);
    const first = panel.getByRole('list', { name: '圈外网格' }).getByRole('listitem').first();
    assert.ok((await first.innerText()).includes(road.rows[0].grid.name));
    await page.waitForFunction(() => location.hash.includes('act=circle/clinic/15/4/road'));
    await idle(page);
    await picture(page, 'small-day-circle-by-road');
    await page.reload();
    await says(road.total.households);
    assert.deepEqual(faults, []);
  });
});
