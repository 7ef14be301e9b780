// Starts the system's Chromium with software WebGL and a profile of its own, and watches what a page does.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const flags = [
  '--headless', '--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

/** Where pictures are kept, if they are. */
const pictures = process.env.GEWU_SCREENSHOTS;

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags });
}

/**
 * A page with the list of everything that it should not have done, and of all answers that it got. `foreign`: which other
 * hosts it may ask; `route`: who answers in their place; `hasTouch`: it is touched, as a phone; `sharp`: it has a pixel for each
 * pixel of its size, as when pictures are kept. Else a quarter of them: the processor draws them, which takes longer than all the rest.
 */
export async function open(browser, url, size, { colorScheme = 'light', hasTouch = false, foreign = () => false, route, sharp = pictures } = {}) {
  const deviceScaleFactor = sharp ? 1 : 0.5;
  const context = await browser.newContext({ viewport: size, deviceScaleFactor, locale: 'zh-CN', colorScheme, hasTouch, reducedMotion: 'reduce' });
  const page = await context.newPage();
  const faults = [];
  const answers = [];
  const host = new URL(url).host;
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && faults.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('requestfailed', (request) => request.failure()?.errorText !== 'net::ERR_ABORTED' && faults.push(`failed: ${request.url()}`));
  page.on('response', (response) => {
    answers.push({ url: response.url(), status: response.status() });
    if (response.status() >= 400) faults.push(`${response.status()}: ${response.url()}`);
  });
  page.on('request', (request) => {
    const { protocol, host: asked } = new URL(request.url());
    if (protocol.startsWith('http') && asked !== host && !foreign(asked)) faults.push(`foreign request: ${request.url()}`);
  });
  if (route) await page.route(({ host: asked }) => foreign(asked), route);
  await page.goto(url);
  return { page, faults, answers };
}

/** Waits until the map has drawn all that it asked for. */
export async function idle(page) {
  // What was just changed is drawn in the next frame: before it, the map still calls itself idle.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await page.waitForFunction(() => document.documentElement.dataset.map === 'idle', null, { timeout: 60_000 });
}

/** Saves a picture where `GEWU_SCREENSHOTS` says, if it says. */
export async function picture(page, name) {
  if (!pictures) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}

/** Runs in the page: of a PNG drawn at a size, the number of colours and the number of pixels near one colour. */
async function measure({ data, size, colour }) {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
  const [width, height] = size ?? [bitmap.width, bitmap.height];
  const canvas = new OffscreenCanvas(width, height).getContext('2d');
  canvas.drawImage(bitmap, 0, 0, width, height);
  const pixels = canvas.getImageData(0, 0, width, height).data;
  const colours = new Set();
  let near = 0;
  for (let i = 0; i < pixels.length; i += 4) {
    const pixel = pixels.slice(i, i + 3);
    if (colour?.every((value, channel) => Math.abs(value - pixel[channel]) <= 10)) near += 1;
    if (!colour) colours.add(String(pixel));
  }
  return { colours: colours.size, near };
}

async function measured(page, options) {
  const data = (await page.locator('#map canvas').screenshot()).toString('base64');
  return page.evaluate(measure, { data, ...options });
}

/** How many colours a coarse raster of the map has: a map without tiles has one or two. */
export async function variety(page) {
  return (await measured(page, { size: [160, 90] })).colours;
}

/** How many pixels of the map are near a colour. */
export async function pixelsOf(page, colour) {
  return (await measured(page, { colour })).near;
}
