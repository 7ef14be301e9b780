// Starts the system's Chromium with software WebGL and a profile of its own, and watches what a page does.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const flags = [
  '--headless', '--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags });
}

/** A page with the list of everything that it should not have done. */
export async function open(browser, url, size) {
  const context = await browser.newContext({ viewport: size, locale: 'zh-CN', colorScheme: 'light', reducedMotion: 'reduce' });
  const page = await context.newPage();
  const faults = [];
  const host = new URL(url).host;
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && faults.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('requestfailed', (request) => request.failure()?.errorText !== 'net::ERR_ABORTED' && faults.push(`failed: ${request.url()}`));
  page.on('request', (request) => {
    const { protocol, host: asked } = new URL(request.url());
    if (protocol.startsWith('http') && asked !== host) faults.push(`foreign request: ${request.url()}`);
  });
  await page.goto(url);
  return { page, faults };
}

/** Waits until the map has drawn all that it asked for. */
export async function idle(page) {
  await page.waitForFunction(() => document.documentElement.dataset.map === 'idle', null, { timeout: 60_000 });
}

/** Saves a picture where `GEWU_SCREENSHOTS` says, if it says. */
export async function picture(page, name) {
  const folder = process.env.GEWU_SCREENSHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

/** The share of the map's pixels, in a coarse raster of the page, that differ from its top left corner. */
export async function variety(page) {
  const image = (await page.locator('#map canvas').screenshot()).toString('base64');
  return page.evaluate(async (data) => {
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }), { resizeWidth: 160, resizeHeight: 90 });
    const canvas = new OffscreenCanvas(160, 90).getContext('2d');
    canvas.drawImage(bitmap, 0, 0);
    const { data: pixels } = canvas.getImageData(0, 0, 160, 90);
    const colours = new Set();
    for (let i = 0; i < pixels.length; i += 4) colours.add(`${pixels[i]},${pixels[i + 1]},${pixels[i + 2]}`);
    return colours.size;
  }, image);
}
