import { defineConfig } from 'vite';

// `npm run examples` serves them; with `?server=` behind the address they draw another Gewu than the one on this machine.
export default defineConfig({
  base: './',
  build: { target: 'es2022', chunkSizeWarningLimit: 2000, rolldownOptions: { input: ['maplibre.html', 'openlayers.html', 'leaflet.html'] } },
} as Parameters<typeof defineConfig>[0]);
