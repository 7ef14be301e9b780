// OpenLayers: ol-mapbox-style makes its layers of the same style, and a click asks the features that are on the screen.

import 'ol/ol.css';
import type Map from 'ol/Map.js';
import { apply } from 'ol-mapbox-style';
import { transformExtent } from 'ol/proj.js';
import { bounds, say, server } from './server';

const map = (await apply('map', `${server}/style.json`, {
  // Text is drawn with fonts of this machine; without this the library looks for them on the web.
  webfonts: 'data:text/css,',
})) as Map;

map.getView().fit(transformExtent(await bounds(), 'EPSG:4326', 'EPSG:3857'));

map.on('click', ({ pixel }) => {
  // One layer a level, `grid_1` to `grid_6`: the deepest that is drawn here.
  const grids = map.getFeaturesAtPixel(pixel).map((feature) => feature.getProperties()).filter((feature) => /^grid_\d$/.test(feature['mvt:layer']));
  grids.sort((a, b) => b.level - a.level);
  say(grids[0]);
});
