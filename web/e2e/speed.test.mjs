// How fast the page is, and whether it lets go of what it no longer shows. What is measured is printed.
//
// Of five runs the fastest counts, after what a machine that is slow just now adds is taken off: other work only ever makes them slower. No
// graphics card is there either, so a press is measured until the page has made the next picture, not until the processor has drawn its pixels.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { open } from './browser.mjs';
import { slowness } from './machine.mjs';
import { mapPage, openMode, small } from './map.mjs';
import { json, server } from './server.mjs';

/** Milliseconds from the address being entered to the map being drawn. */
const FIRST_MAP = 2_000;
/** Milliseconds from a press to the page having made the next picture. */
const INTERACTION = 100;
/** Bytes of tiles to look at, as they are when unpacked. */
const TILES = 60e6;
/** By how many bytes the page and its workers may have grown since a quarter of them. */
const GROWTH = 10e6;

const sum = (numbers) => numbers.reduce((all, one) => all + one, 0);
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

function drawn(page) {
  return page.waitForFunction(() => document.documentElement.dataset.map === 'idle', null, { polling: 'raf', timeout: 30_000 });
}

/** Keeps, from now on, how long after each press the page has made its next picture. */
function watchPresses(page) {
  return page.evaluate(() => {
    window.presses = [];
    const { port1, port2 } = new MessageChannel();
    let pressed;
    // A message that is sent from within a frame comes when the frame is done.
    port1.onmessage = () => window.presses.push(Math.round(performance.now() - pressed));
    const listen = ({ timeStamp }) => {
      pressed = timeStamp;
      requestAnimationFrame(() => port2.postMessage(0));
    };
    addEventListener('pointerdown', listen, { capture: true });
  });
}

/** Goes to a place by its address; done when it is drawn. */
async function go(page, hash) {
  await page.evaluate((to) => new Promise((done) => {
    // Two frames on, the map is at work.
    addEventListener('hashchange', () => requestAnimationFrame(() => requestAnimationFrame(done)), { once: true });
    location.replace(to);
  }), hash);
  await drawn(page);
}

/** Counts the bytes of the tiles that a page gets, each time it gets them: they are asked for once more to know how many. */
function counted(page) {
  const sizes = new Map();
  const asked = [];
  page.on('response', (response) => /\/tiles\/\w+\/\d+\//.test(response.url()) && asked.push(response.url()));
  return async () => {
    for (const url of new Set(asked)) if (!sizes.has(url)) sizes.set(url, (await (await fetch(url)).arrayBuffer()).byteLength);
    return sum(asked.map((url) => sizes.get(url)));
  };
}

/** Gives who tells how slow the machine was since it told the last time: as before and as after, on average. */
async function pace(browser) {
  let before = await slowness(browser);
  return async () => {
    const after = await slowness(browser);
    const slow = (before + after) / 2;
    before = after;
    return slow;
  };
}

/** Fails where no run, of milliseconds `ms` on a machine so `slow`, would have kept to the limit on one that is not. */
function assertFast(test, name, taken, limit) {
  const runs = taken.map(({ ms, slow }) => `${Math.round(ms)} / ${slow.toFixed(1)}`).join(', ');
  test.diagnostic(`${name}: ${runs} ms`);
  assert.ok(taken.some(({ ms, slow }) => ms / slow < limit), `${name}: ${runs} ms, each with how slow the machine was`);
}

const held = ({ usedSize, backingStorageSize }) => usedSize + backingStorageSize;

/** Asks the worker of a page by its devtools; gives how to ask and how to end that. */
async function workerOf(page) {
  const devtools = await page.context().newCDPSession(page);
  const attached = new Promise((found) => devtools.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => targetInfo.type === 'worker' && found(sessionId)));
  await devtools.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  const sessionId = await attached;
  return async (method) => {
    const answered = new Promise((answer) => devtools.on('Target.receivedMessageFromTarget', ({ message }) => {
      const { id, result } = JSON.parse(message);
      if (id === 7) answer(result);
    }));
    await devtools.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id: 7, method }) });
    return answered;
  };
}

/** Bytes that a page and its worker hold when they have let go of what they can. */
async function memory(page, worker) {
  const devtools = await page.context().newCDPSession(page);
  const both = { page: (method) => devtools.send(method), worker };
  const bytes = {};
  for (const [name, ask] of Object.entries(both)) {
    await ask('HeapProfiler.collectGarbage');
    bytes[name] = held(await ask('Runtime.getHeapUsage'));
  }
  await devtools.detach();
  return bytes;
}

mapPage('the page, measured', (map) => {
  it('shows the first map within two seconds', async (test) => {
    const taken = [];
    const factor = await pace(map.browser);
    for (let run = 0; run < 5; run += 1) {
      const { page } = await open(map.browser, new URL(`/${map.near(13)}`, server).href, small, { sharp: true });
      await drawn(page);
      const ms = await page.evaluate(() => performance.now());
      await page.context().close();
      taken.push({ ms, slow: await factor() });
    }
    assertFast(test, 'first map', taken, FIRST_MAP);
  });

  it('answers a press within a tenth of a second', async (test) => {
    const { page, faults } = await map.visit(small, map.near(13), { sharp: true });
    await watchPresses(page);
    const taken = {};
    const factor = await pace(map.browser);
    for (let run = 0; run < 5; run += 1) {
      const presses = {};
      for (const name of ['网格树', '图层', '处置', '概览', '查询']) {
        await openMode(page, name);
        await page.waitForTimeout(250);
        presses[name] = await page.evaluate(() => window.presses.splice(0));
      }
      await page.mouse.click(small.width * 0.7, small.height * (0.3 + run / 10));
      await page.waitForTimeout(250);
      presses['地图'] = await page.evaluate(() => window.presses.splice(0));
      const slow = await factor();
      for (const [name, times] of Object.entries(presses)) (taken[name] ??= []).push(...times.map((ms) => ({ ms, slow })));
    }
    for (const [name, times] of Object.entries(taken)) assertFast(test, name, times, INTERACTION);
    assert.deepEqual(faults, []);
    await page.context().close();
  });

  it('lets go of the tiles of sixty megabytes that were looked at', async (test) => {
    const { rows } = await json('/v1/figures?figures=buildings&level=4');
    // Where buildings are closest, tiles are heaviest.
    const density = ({ bbox: [west, south, east, north], values: [buildings] }) => buildings / (east - west) / (north - south);
    const places = rows.toSorted((a, b) => density(b) - density(a)).slice(0, 7).map(({ bbox: [west, south, east, north] }) => `${(south + north) / 2}/${(west + east) / 2}`);
    const zooms = [13.2, 14.2];
    const { page, faults } = await map.visit({ width: 640, height: 480 }, map.near(13));
    const bytes = counted(page);
    const worker = await workerOf(page);
    const seen = [];
    let step = 0;
    for (const part of [0.25, 0.5, 0.75, 1]) {
      for (; (await bytes()) < part * TILES; step += 1) await go(page, `#${zooms[step % zooms.length]}/${places[step % places.length]}`);
      seen.push(await memory(page, worker));
      const { page: own, worker: its } = seen.at(-1);
      test.diagnostic(`after ${megabytes(await bytes())} of tiles in ${step} views: page ${megabytes(own)}, worker ${megabytes(its)}`);
    }
    const all = seen.map((one) => sum(Object.values(one)));
    assert.ok(Math.min(...all.slice(1)) - all[0] < GROWTH, `${all}`);
    assert.deepEqual(faults, []);
    await page.context().close();
  });
});
