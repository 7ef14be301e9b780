// The layers of the map, bottom to top. Each carries metadata, from which the page builds its switches:
// `gewu:group` (grids, buildings, facilities) and, for grids, `gewu:level`.

import { baseLayers } from './base.mjs';
import { families, otherSymbol } from './facilities.mjs';

// The server has glyphs of Noto Sans for letters, digits and signs. Chinese MapLibre draws from these fonts of the reader's
// machine, in the weight that it reads from the first name; the server takes the first name of the stack that it has.
const local = ['PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', 'Source Han Sans SC', 'sans-serif'];
const regular = ['Noto Sans Regular', ...local];
const medium = ['Noto Sans Medium', 'Noto Sans Regular', ...local];
const bold = ['Noto Sans Bold', ...local];

const levels = [1, 2, 3, 4, 5, 6];

/** The first zoom at which the tiles carry each level. */
const firstZoom = { 1: 0, 2: 5, 3: 8, 4: 10, 5: 12, 6: 14 };

/** A linear ramp over the zoom: stops are [zoom, value] pairs. */
function ramp(...stops) {
  return ['interpolate', ['linear'], ['zoom'], ...stops.flat()];
}

function grids(level, extra) {
  return {
    ...extra,
    metadata: { 'gewu:group': 'grids', 'gewu:level': level },
    source: 'grids',
    'source-layer': `grid_${level}`,
    minzoom: Math.max(firstZoom[level], extra.minzoom ?? 0),
  };
}

/** One of six tints by the feature's id: neighbours differ often enough, and the borders do the rest. */
function tint(palette) {
  const [first, ...others] = palette.tints;
  const pick = others.flatMap((colour, index) => [index + 1, colour]);
  return ['match', ['%', ['to-number', ['id'], 0], palette.tints.length], ...pick, first];
}

/** Areas; over a base map only a breath of their tints. */
function land(palette, base) {
  const strength = base ? 0.18 : 1;
  const fill = (level, opacity, zooms) =>
    grids(level, {
      id: `grid-${level}-fill`, type: 'fill', ...zooms,
      paint: {
        'fill-color': tint(palette), 'fill-antialias': false,
        'fill-opacity': ramp(...opacity.map(([zoom, value]) => [zoom, value * strength])),
      },
    });
  return [
    grids(1, { id: 'grid-1-fill', type: 'fill', paint: { 'fill-color': palette.land, 'fill-opacity': base ? 0 : 1 } }),
    fill(2, [[5, 0.95], [9.5, 0.95], [11, 0]], { maxzoom: 11 }),
    fill(3, [[9, 0], [10, 0.9], [12, 0.9], [13.2, 0]], { minzoom: 9, maxzoom: 13.2 }),
    fill(4, [[11.8, 0], [12.8, 0.9], [14, 0.9], [15, 0]], { minzoom: 11.8, maxzoom: 15 }),
    fill(5, [[13.6, 0], [14.6, 0.9]], { minzoom: 13.6 }),
    grids(5, {
      id: 'grid-5-dedicated', type: 'fill', minzoom: 12.5, filter: ['==', ['get', 'kind'], 'dedicated'],
      paint: { 'fill-color': palette.dedicated, 'fill-opacity': ramp([12.5, 0], [13.5, 0.28]) },
    }),
  ];
}

/** Widths in pixels of each level's line; a level grows as its children come into view. */
const widths = {
  1: [[4, 1.2], [8, 2.2], [12, 3], [16, 3.6]],
  2: [[5, 0.5], [8, 1.2], [11, 2], [16, 2.8]],
  3: [[8, 0.3], [10, 0.8], [13, 1.6], [16, 2.2]],
  4: [[10, 0.25], [12, 0.7], [14, 1.3], [17, 1.9]],
  5: [[12, 0.2], [13.5, 0.5], [15, 1], [17, 1.4]],
  6: [[14, 0.2], [15.5, 0.5], [17, 0.9]],
};

/** How soon each level's line reaches its full strength after its first zoom. */
function emerge(level) {
  const from = firstZoom[level];
  return level === 1 ? 1 : ramp([from, 0.25], [from + 1.6, 1]);
}

function borders(palette) {
  const layers = [];
  for (const level of [...levels].reverse()) {
    if (level <= 3) {
      layers.push(grids(level, {
        id: `grid-${level}-casing`, type: 'line', layout: { 'line-join': 'round' },
        paint: {
          'line-color': palette.casing,
          'line-width': ramp(...widths[level].map(([zoom, width]) => [zoom, width * 1.6 + 1.2])),
          'line-opacity': level === 1 ? 0.9 : ramp([firstZoom[level], 0], [firstZoom[level] + 2, 0.75]),
        },
      }));
    }
    layers.push(grids(level, {
      id: `grid-${level}-line`, type: 'line', layout: { 'line-join': 'round' },
      paint: { 'line-color': palette.borders[level - 1], 'line-width': ramp(...widths[level]), 'line-opacity': emerge(level) },
    }));
  }
  return layers;
}

/** A soft band along the outer border, under everything else that is a line. */
function band(palette) {
  return grids(1, {
    id: 'grid-1-band', type: 'line', layout: { 'line-join': 'round' },
    paint: { 'line-color': palette.band, 'line-width': ramp([4, 4], [9, 12], [13, 14]), 'line-opacity': 0.35, 'line-blur': 1.5 },
  });
}

function buildings(palette) {
  const { other, ...named } = palette.building;
  const colour = ['match', ['get', 'class'], ...Object.entries(named).flat(), other];
  const common = { source: 'buildings', 'source-layer': 'buildings' };
  const height = ['coalesce', ['get', 'height_m'], ['*', 3, ['coalesce', ['get', 'floors'], 1]]];
  const dense = (share) => ['interpolate', ['linear'], ['get', 'coverage'], 0, 0.15 * share, 0.4, 0.7 * share];
  return [
    {
      // The darker the more densely built, so that little changes where footprints take over.
      id: 'building-blocks', type: 'fill', source: 'buildings', 'source-layer': 'building_blocks', minzoom: 10,
      metadata: { 'gewu:group': 'buildings' },
      paint: {
        'fill-color': palette.block, 'fill-antialias': false,
        'fill-opacity': ramp([12, dense(1)], [13, dense(0.7)]),
      },
    },
    {
      id: 'building-flat', type: 'fill', ...common, minzoom: 13,
      metadata: { 'gewu:group': 'buildings', 'gewu:form': 'flat' },
      paint: { 'fill-color': colour, 'fill-outline-color': palette.buildingLine, 'fill-opacity': ramp([13, 0.4], [14.5, 0.95]) },
    },
    {
      id: 'building-extruded', type: 'fill-extrusion', ...common, minzoom: 13,
      metadata: { 'gewu:group': 'buildings', 'gewu:form': 'extruded' },
      layout: { visibility: 'none' },
      paint: {
        'fill-extrusion-color': colour,
        'fill-extrusion-height': ramp([13, 0], [14.5, height]),
        'fill-extrusion-opacity': 0.93,
        'fill-extrusion-vertical-gradient': true,
      },
    },
  ];
}

/** Many facilities drawn as one, with how many they are: in tiles that would be too large with each of them. */
function clusters(palette, facilities) {
  const common = { ...facilities, 'source-layer': 'facility_clusters', minzoom: 12 };
  const radius = (scale) => ['interpolate', ['linear'], ['get', 'point_count'], 2, 9 * scale, 20, 13 * scale, 200, 19 * scale, 2000, 25 * scale];
  return [
    {
      id: 'facility-cluster', type: 'circle', ...common,
      paint: {
        'circle-color': palette.cluster, 'circle-opacity': 0.88, 'circle-radius': ramp([8, radius(0.8)], [14, radius(1)]),
        'circle-stroke-color': palette.facilityRing, 'circle-stroke-width': 1.6, 'circle-stroke-opacity': 0.9,
      },
    },
    {
      id: 'facility-count', type: 'symbol', ...common,
      layout: {
        'text-field': ['to-string', ['get', 'point_count']], 'text-font': bold, 'text-size': ramp([8, 10], [14, 12]),
        'text-allow-overlap': true, 'text-ignore-placement': false,
      },
      paint: { 'text-color': palette.clusterText },
    },
  ];
}

function facilities(palette) {
  const common = { source: 'facilities', 'source-layer': 'facilities', metadata: { 'gewu:group': 'facilities' } };
  const colours = Object.entries(families).flatMap(([name, family]) => [name, palette.facility[family]]);
  return [
    {
      id: 'facility-dot', type: 'circle', ...common, minzoom: 12,
      paint: {
        'circle-color': ['match', ['get', 'class'], ...colours, palette.facility.utility],
        'circle-radius': ramp([12, 1.6], [13.5, 3], [15, 4]),
        'circle-stroke-color': palette.facilityRing,
        'circle-stroke-width': ramp([12, 0.5], [13.5, 1], [15, 1.2]),
        'circle-opacity': ramp([12, 0.55], [13.5, 0.95]),
        'circle-stroke-opacity': ramp([12, 0.55], [13.5, 0.95]),
      },
    },
    ...clusters(palette, common),
    {
      // Where symbols would cover each other, the dots below still say that there is something.
      id: 'facility-symbol', type: 'symbol', ...common, minzoom: 13.8,
      layout: {
        'icon-image': ['coalesce', ['image', ['get', 'class']], ['image', otherSymbol]],
        'icon-size': ramp([13.8, 0.5], [15, 0.72], [17, 0.9]),
        'icon-padding': 0,
        'text-field': ['step', ['zoom'], '', 15.4, ['coalesce', ['get', 'name'], '']],
        'text-font': regular, 'text-size': ramp([15.4, 10.5], [17, 12]),
        'text-anchor': 'top', 'text-offset': ramp([15.4, ['literal', [0, 1]]], [17, ['literal', [0, 1.15]]]), 'text-max-width': 8,
        'text-padding': 3, 'text-optional': true,
      },
      paint: {
        'text-color': palette.facilityLabel, 'text-halo-color': palette.halo, 'text-halo-width': 1.4,
        'icon-opacity': palette.symbolOpacity,
      },
    },
  ];
}

/** Where each level's names are read: zooms, size in pixels, weight and spacing. */
const labelling = {
  1: { zooms: [3, 6.6], size: [[4, 13], [6.6, 20]], font: bold, spacing: 0.25 },
  2: { zooms: [5.7, 11.6], size: [[5.7, 9.5], [6.6, 11.5], [9, 14.5], [11, 18]], font: bold, spacing: 0.12 },
  3: { zooms: [8.8, 13.4], size: [[8.8, 10.5], [12, 14.5]], font: medium, spacing: 0.05 },
  4: { zooms: [11.4, 15.2], size: [[11.4, 10.5], [13, 13], [14.5, 16]], font: medium, spacing: 0.02 },
  5: { zooms: [13.8, 18], size: [[13.8, 10.5], [16, 13.5]], font: regular, spacing: 0 },
  6: { zooms: [15.4, 24], size: [[15.4, 10], [18, 12]], font: regular, spacing: 0 },
};

/** The names of some levels, the highest last: it is placed first. */
function labels(palette, named) {
  return named.map((level) => {
    const { zooms, size, font, spacing } = labelling[level];
    return {
      id: `grid-${level}-label`, type: 'symbol', source: 'grids', 'source-layer': 'grid_label',
      metadata: { 'gewu:group': 'grids', 'gewu:level': level },
      minzoom: zooms[0], maxzoom: zooms[1],
      filter: ['==', ['get', 'level'], level],
      layout: {
        'text-field': ['get', 'name'], 'text-font': font, 'text-size': ramp(...size),
        'text-letter-spacing': spacing, 'text-max-width': 7, 'text-padding': 4, 'text-line-height': 1.15,
        'symbol-sort-key': ['coalesce', ['get', 'rank'], 0],
      },
      paint: { 'text-color': palette.labels[level - 1], 'text-halo-color': palette.halo, 'text-halo-width': 1.7, 'text-halo-blur': 0.4 },
    };
  });
}

/** All layers in the given palette. */
export function layers(palette, base) {
  const ground = { id: 'background', type: 'background', paint: { 'background-color': palette.background } };
  const [blocks, flat, extruded] = buildings(palette);
  return [
    ground, ...(base ? baseLayers(palette) : []), ...land(palette, base), band(palette), blocks, flat, ...borders(palette), extruded,
    // What is placed first stands last: places down to the community, then facilities, then the grids in the community.
    ...labels(palette, [6, 5]), ...facilities(palette), ...labels(palette, [4, 3, 2, 1]),
  ];
}
