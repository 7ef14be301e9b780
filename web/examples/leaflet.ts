// Leaflet: MapLibre draws the style as one of its layers, and a click asks the server whose place it is.

import 'leaflet/dist/leaflet.css';
import 'maplibre-gl/dist/maplibre-gl.css';
import L from 'leaflet';
import { maplibreGL } from '@maplibre/maplibre-gl-leaflet';
import * as maplibregl from 'maplibre-gl';
import worker from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import { bounds, say, server } from './server';

maplibregl.setWorkerUrl(new URL(worker, location.href).href);

const [west, south, east, north] = await bounds();
const map = L.map('map').fitBounds([[south, west], [north, east]]);

maplibreGL({
  style: `${server}/style.json`,
  localIdeographFontFamily: "'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif",
}).addTo(map);

map.on('click', async ({ latlng: { lat, lng } }) => {
  const response = await fetch(`${server}/v1/resolve?lon=${lng}&lat=${lat}&crs=wgs84`);
  say((await response.json()).grid ?? undefined);
});
