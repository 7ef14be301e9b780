import { defineConfig, type Plugin } from 'vite';

// The page may speak to nobody but the server that it came from: the browser enforces it.
const policy = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data: blob:",
  "connect-src 'self'", "worker-src 'self' blob:", "font-src 'self'", "base-uri 'self'", "form-action 'self'",
].join('; ');

const contentSecurity: Plugin = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    { tag: 'meta', injectTo: 'head-prepend', attrs: { 'http-equiv': 'Content-Security-Policy', content: policy } },
  ],
};

// `npm run dev` serves the page itself and passes everything else on to a running Gewu.
const server = process.env.GEWU_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  base: './',
  plugins: [contentSecurity],
  build: { target: 'es2022', chunkSizeWarningLimit: 1200, assetsInlineLimit: 0 },
  server: { proxy: Object.fromEntries(['/v1', '/tiles', '/style.json'].map((path) => [path, server])) },
  test: { include: ['test/**/*.test.ts'] },
} as Parameters<typeof defineConfig>[0]);
