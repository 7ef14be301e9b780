// How much of the map shows through a group of layers: each opacity of the style, also one that changes with the zoom, times a share.

import type { LayerSpecification } from 'maplibre-gl';
import { switchOf } from './layers';

/** What has a slider of its own. */
export const opacityGroups = ['grids', 'buildings', 'facilities', 'base'] as const;
export type OpacityGroup = (typeof opacityGroups)[number];

const properties: Partial<Record<LayerSpecification['type'], string[]>> = {
  fill: ['fill-opacity'],
  line: ['line-opacity'],
  circle: ['circle-opacity', 'circle-stroke-opacity'],
  symbol: ['icon-opacity', 'text-opacity'],
  'fill-extrusion': ['fill-extrusion-opacity'],
  raster: ['raster-opacity'],
};

/** The paint properties that say how opaque a layer is. */
export function opacityProperties(layer: LayerSpecification): string[] {
  return properties[layer.type] ?? [];
}

export function groupOf(layer: LayerSpecification): OpacityGroup | undefined {
  const name = switchOf(layer)?.replace(/-\d+$/, '');
  return opacityGroups.find((group) => group === name);
}

/** An opacity times a share. The zoom may only be asked at the top of an expression, so a ramp over it is scaled stop by stop. */
export function scaled(value: unknown, share: number): unknown {
  if (value === undefined || value === null) return share;
  if (typeof value === 'number') return value * share;
  if (!Array.isArray(value)) return value;
  if (value[0] === 'interpolate') return value.map((part, index) => (index >= 4 && index % 2 === 0 ? scaled(part, share) : part));
  if (value[0] === 'step') return value.map((part, index) => (index >= 2 && index % 2 === 0 ? scaled(part, share) : part));
  return ['*', share, value];
}
