import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { expect, it } from 'vitest';

/** What the page may weigh in all, in bytes as gzip sends them: every script, style and page, whether it is fetched at first or later. */
const limit = 600_000;

it('the page weighs less than 600 kB, the map library and its worker included', { timeout: 60_000 }, async () => {
  const root = new URL('..', import.meta.url).pathname;
  const built = await build({ root, logLevel: 'error', build: { write: false } });
  const { output } = built as { output: ({ fileName: string; code: string } | { fileName: string; source: string | Uint8Array })[] };
  const texts = output.filter(({ fileName }) => /\.(js|css|html)$/.test(fileName));
  const weights = texts.map((file) => gzipSync('code' in file ? file.code : file.source).length);
  const sum = weights.reduce((all, weight) => all + weight, 0);
  expect(texts.some(({ fileName }) => fileName.includes('worker'))).toBe(true);
  expect(sum).toBeGreaterThan(100_000);
  expect(sum, `${sum} bytes`).toBeLessThan(limit);
});
