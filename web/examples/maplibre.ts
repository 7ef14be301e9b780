// MapLibre GL JS: the style draws everything, and a click asks the tiles that are on the screen.

import 'maplibre-gl/dist/maplibre-gl.css';
import * as maplibregl from 'maplibre-gl';
import worker from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import { bounds, say, server } from './server';

maplibregl.setWorkerUrl(new URL(worker, location.href).href);

const map = new maplibregl.Map({
  container: 'map',
  style: `${server}/style.json`,
  bounds: await bounds(),
  // Chinese is drawn with fonts of this machine; everything else comes from the server.
  localIdeographFontFamily: "'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif",
});

map.on('click', ({ point }) => {
  // One layer a level, `grid_1` to `grid_6`: the deepest that is drawn here.
  const grids = map.queryRenderedFeatures(point).filter(({ sourceLayer }) => /^grid_\d$/.test(sourceLayer ?? ''));
  grids.sort((a, b) => b.properties.level - a.properties.level);
  say(grids[0]?.properties);
});
