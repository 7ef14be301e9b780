// A map in longitude and latitude of CGCS2000: OpenLayers is told where the tileset is, everything else the server tells it.

import Map from 'ol/Map.js';
import View from 'ol/View.js';
import MVT from 'ol/format/MVT.js';
import VectorTileLayer from 'ol/layer/VectorTile.js';
import { addProjection } from 'ol/proj.js';
import Projection from 'ol/proj/Projection.js';
import OGCVectorTile from 'ol/source/OGCVectorTile.js';
import { Circle, Fill, Stroke, Style, Text } from 'ol/style.js';

const world = [-180, -90, 180, 90];
const server = new URLSearchParams(location.search).get('server');

addProjection(new Projection({ code: 'EPSG:4490', units: 'degrees', axisOrientation: 'neu', extent: world, worldExtent: world, global: true }));

const territory = new Style({ fill: new Fill({ color: 'rgba(30, 110, 120, 0.08)' }), stroke: new Stroke({ color: '#1e6e78', width: 1 }) });
const building = new Style({ fill: new Fill({ color: '#d8b48a' }), stroke: new Stroke({ color: '#8a6a44', width: 0.5 }) });
const facility = new Style({ image: new Circle({ radius: 4, fill: new Fill({ color: '#b02a2a' }) }) });

/** Territories by themselves, so that a name over a place is not in the way of asking what is there. */
function ground(feature) {
  return /^grid_\d$/.test(feature.get('layer')) ? territory : undefined;
}

function above(feature) {
  const layer = feature.get('layer');
  if (layer === 'grid_label') return new Style({ zIndex: 1, text: new Text({ text: feature.get('name'), font: '13px sans-serif', fill: new Fill({ color: '#123' }), stroke: new Stroke({ color: '#fff', width: 3 }) }) });
  if (layer === 'buildings') return building;
  return layer.startsWith('grid_') ? undefined : facility;
}

const source = new OGCVectorTile({
  url: `${server}/collections/grids,buildings,facilities/tiles/CGCS2000Quad`,
  format: new MVT(),
  projection: 'EPSG:4490',
});
const territories = new VectorTileLayer({ source, style: ground });
const map = new Map({
  target: 'map',
  controls: [],
  layers: [territories, new VectorTileLayer({ source, style: above, declutter: true })],
  view: new View({ projection: 'EPSG:4490', center: [104, 35], zoom: 3 }),
});

const state = document.documentElement.dataset;
const loading = () => (state.map = 'loading');
map.getView().on(['change:center', 'change:resolution'], loading);
map.on('rendercomplete', () => (state.map = source.getState() === 'ready' ? 'idle' : state.map));

/** For the test: moves the map to a zoom of the tile matrix set. */
window.show = (center, zoom) => {
  map.getView().setResolution(0.703125 / 2 ** zoom);
  map.getView().setCenter(center);
  map.render();
};
/** Which place is at a pixel, and the codes of the grids that are drawn there. */
window.at = (pixel) => {
  const there = map.getFeaturesAtPixel(pixel, { layerFilter: (layer) => layer === territories });
  return { place: map.getCoordinateFromPixel(pixel), codes: there.map((feature) => feature.get('code')) };
};
