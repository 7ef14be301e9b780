// What the layers of our style say of themselves, and when they show.

import type { LayerSpecification } from 'maplibre-gl';

/** The metadata that `style/layers.mjs` writes. */
interface LayerMetadata {
  'gewu:group'?: string;
  'gewu:level'?: number;
  'gewu:form'?: 'flat' | 'extruded';
}

/** A switch of the layers panel: a group, or one level of the grids. */
export type Switch = 'base' | 'buildings' | 'facilities' | `grids-${number}`;

export function isSwitch(name: string): name is Switch {
  return /^(base|buildings|facilities|grids-\d)$/.test(name);
}

function metadata(layer: LayerSpecification): LayerMetadata {
  return (layer.metadata ?? {}) as LayerMetadata;
}

/** The level that a layer draws; `undefined` where it draws no grids. */
export function levelOf(layer: LayerSpecification): number | undefined {
  return metadata(layer)['gewu:level'];
}

/** The switch under which a layer is; `undefined` for what always shows. */
export function switchOf(layer: LayerSpecification): Switch | undefined {
  const { 'gewu:group': group, 'gewu:level': level } = metadata(layer);
  if (group === 'grids' && level) return `grids-${level}`;
  return group === 'base' || group === 'buildings' || group === 'facilities' ? group : undefined;
}

/** Whether a layer shows, given what is switched off and whether buildings are raised. */
export function isVisible(layer: LayerSpecification, hidden: ReadonlySet<Switch>, extruded: boolean): boolean {
  const name = switchOf(layer);
  const { 'gewu:form': form } = metadata(layer);
  const rightForm = !form || (form === 'extruded') === extruded;
  return rightForm && !(name && hidden.has(name));
}
