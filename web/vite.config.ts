import vue from '@vitejs/plugin-vue';
import { defineConfig, type Plugin } from 'vite';

// `npm run dev` serves the pages themselves and passes everything else on to a running Gewu.
const server = process.env.GEWU_URL ?? 'http://127.0.0.1:8080';
const passedOn = ['/v1', '/tiles', '/style.json', '/glyphs', '/sprite', '/api', '/openapi.json', '/collections', '/conformance', '/tileMatrixSets', '/styles', '/healthz', '/readyz', '/metrics'];

/** Charts.css registers properties without a first value or of kinds that there are not: browsers pass over them, the minifier stops at them. */
const registered: Plugin = {
  name: 'charts-css-properties',
  enforce: 'pre',
  transform: (code, id) =>
    id.includes('charts.css') ? code.replace(/@property [^{]*\{[^}]*\}/g, (rule) => (/initial-value/.test(rule) && !/ratio|position|style|string/.test(rule) ? rule : '')) : undefined,
};

/** The style of MapLibre has a drawing, in three colours, for every control that there is; here there are a scale and the buttons of the zoom. */
const unused = /maplibregl-(ctrl-(attrib|compact|compass|fullscreen|geolocate|globe|logo|shrink|terrain|waiting)|popup|cooperative|user-location)/;
const controls: Plugin = {
  name: 'maplibre-controls',
  enforce: 'pre',
  transform: (code, id) =>
    id.includes('maplibre-gl.css') ? code.replace(/([^{}]+)\{[^{}]*\}/g, (rule, selectors: string) => (selectors.split(',').every((one) => unused.test(one)) ? '' : rule)) : undefined,
};

export default defineConfig({
  base: './',
  plugins: [vue(), registered, controls],
  define: { __VUE_OPTIONS_API__: 'false', __VUE_PROD_DEVTOOLS__: 'false', __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false' },
  // TypeScript checks JSX as Vue means it, and leaves it as it is; here it becomes calls.
  oxc: { jsx: { runtime: 'automatic', importSource: 'vue' } },
  build: { target: 'es2022', chunkSizeWarningLimit: 1200, assetsInlineLimit: 0, rolldownOptions: { input: ['index.html', 'docs.html'] } },
  // The drawings of the symbols stand beside `web/`.
  server: { fs: { allow: ['..'] }, proxy: Object.fromEntries(passedOn.map((path) => [path, server])) },
  test: { include: ['test/**/*.test.ts'] },
} as Parameters<typeof defineConfig>[0]);
