// What the layers of our style say of themselves, and which of them a deployment needs.

import type { LayerSpecification, StyleSpecification } from 'maplibre-gl';
import type { LevelInfo } from '../api/contract';

/** The metadata that `style/layers.mjs` writes. */
interface LayerMetadata {
  'gewu:group'?: string;
  'gewu:level'?: number;
  'gewu:form'?: 'flat' | 'extruded';
}

/** A switch of the layers panel: a group, or one level of the grids. */
export type Switch = 'buildings' | 'facilities' | `grids-${number}`;

function metadata(layer: LayerSpecification): LayerMetadata {
  return (layer.metadata ?? {}) as LayerMetadata;
}

/** The switch under which a layer is; `undefined` for what always shows. */
export function switchOf(layer: LayerSpecification): Switch | undefined {
  const { 'gewu:group': group, 'gewu:level': level } = metadata(layer);
  if (group === 'grids' && level) return `grids-${level}`;
  return group === 'buildings' || group === 'facilities' ? group : undefined;
}

/** Whether a layer shows, given what is switched off and whether buildings are raised. */
export function isVisible(layer: LayerSpecification, hidden: ReadonlySet<Switch>, extruded: boolean): boolean {
  const name = switchOf(layer);
  const { 'gewu:form': form } = metadata(layer);
  const rightForm = !form || (form === 'extruded') === extruded;
  return rightForm && !(name && hidden.has(name));
}

/** The style draws six levels; the tiles have no layers for those that a deployment does not use. */
export function withoutUnusedLevels(style: StyleSpecification, levels: LevelInfo[]): StyleSpecification {
  const used = new Set(levels.map(({ level }) => level));
  const isUsed = (layer: LayerSpecification) => {
    const { 'gewu:level': level } = metadata(layer);
    return level === undefined || used.has(level);
  };
  return { ...style, layers: style.layers.filter(isUsed) };
}
