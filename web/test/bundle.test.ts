import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { expect, it, vi } from 'vitest';

/** What a page may weigh in all, in bytes as gzip sends them: every script, style and page, whether it is fetched at first or later. */
const limit = 600_000;

interface File {
  fileName: string;
  code?: string;
  source?: string | Uint8Array;
  imports?: string[];
  dynamicImports?: string[];
  viteMetadata?: { importedCss: Set<string> };
}

/** The files of a page: itself, what its script leads to, and the worker, which is started by its address. */
function filesOf(page: string, output: File[]): File[] {
  const reached = new Set([`${page}.html`, ...output.map(({ fileName }) => fileName).filter((name) => /worker.*\.js$/.test(name))]);
  const follow = (fileName: string) => {
    if (reached.has(fileName)) return;
    reached.add(fileName);
    const { imports = [], dynamicImports = [], viteMetadata } = output.find((file) => file.fileName === fileName) ?? {};
    [...imports, ...dynamicImports, ...(viteMetadata?.importedCss ?? [])].forEach(follow);
  };
  const isEntry = ({ fileName }: File) => fileName.startsWith(`assets/${page}-`) && fileName.endsWith('.js');
  output.filter(isEntry).forEach(({ fileName }) => follow(fileName));
  const { source = '' } = output.find(({ fileName }) => fileName === `${page}.html`) ?? {};
  for (const [, style] of String(source).matchAll(/href="\.\/([^"]*\.css)"/g)) reached.add(style!);
  return output.filter(({ fileName }) => reached.has(fileName));
}

it('each page weighs less than 600 kB, the map library and its worker included', { timeout: 60_000 }, async () => {
  const root = new URL('..', import.meta.url).pathname;
  // As it is built for use: for a test, libraries would keep their warnings.
  vi.stubEnv('NODE_ENV', 'production');
  const built = await build({ root, logLevel: 'error', build: { write: false } });
  const { output } = built as unknown as { output: File[] };
  for (const page of ['index', 'docs']) {
    const files = filesOf(page, output);
    const sum = files.reduce((all, { code, source = '' }) => all + gzipSync(code ?? source).length, 0);
    expect(files.some(({ fileName }) => fileName.includes('worker')), page).toBe(true);
    expect(files.some(({ fileName }) => fileName.endsWith('.css')), page).toBe(true);
    expect(sum, page).toBeGreaterThan(100_000);
    expect(sum, `${page}: ${sum} bytes`).toBeLessThan(limit);
  }
});
