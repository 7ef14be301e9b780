// The style draws six levels, from a prefecture down to a micro-grid. A deployment may have fewer, and its level 1
// may be a town: each of its levels is drawn as the one of the style that appears at about the same zoom.

import type { LayerSpecification, StyleSpecification } from 'maplibre-gl';
import type { LevelInfo } from '../api/contract';
import { levelOf } from './layers';

/** How one level of the style is drawn, and from which zoom. */
interface Drawing {
  level: number;
  firstZoom: number;
}

type Pairs = [LevelInfo, Drawing][];

function drawingsOf(style: StyleSpecification): Drawing[] {
  const drawings = new Map<number, Drawing>();
  for (const layer of style.layers) {
    const level = levelOf(layer);
    if (level === undefined) continue;
    const zoom = Math.min(layer.minzoom ?? 0, drawings.get(level)?.firstZoom ?? Infinity);
    drawings.set(level, { level, firstZoom: zoom });
  }
  return [...drawings.values()].sort((a, b) => a.level - b.level);
}

function misfit(pairs: Pairs): number {
  return pairs.reduce((sum, [info, drawing]) => sum + Math.abs(info.min_zoom - drawing.firstZoom), 0);
}

/** Of all ways to give each level a drawing in the same order, the one whose first zooms differ least; the first of equals. */
function pair(levels: LevelInfo[], drawings: Drawing[]): Pairs {
  const [info, ...others] = levels;
  if (!info || drawings.length < levels.length) return [];
  let best: Pairs = [];
  let least = Infinity;
  for (let i = 0; i + others.length < drawings.length; i += 1) {
    const pairs: Pairs = [[info, drawings[i]!], ...pair(others, drawings.slice(i + 1))];
    if (misfit(pairs) < least) [best, least] = [pairs, misfit(pairs)];
  }
  return best;
}

/** A layer of the style, drawing a level of the deployment. */
function redraw(layer: LayerSpecification, info: LevelInfo, drawing: Drawing): LayerSpecification {
  const { level } = info;
  const copy = { ...layer, id: layer.id.replace(`grid-${drawing.level}-`, `grid-${level}-`) } as LayerSpecification & Record<string, unknown>;
  copy.metadata = { ...(layer.metadata as object), 'gewu:level': level };
  if (layer.minzoom === drawing.firstZoom) copy.minzoom = info.min_zoom;
  if (copy['source-layer'] === 'grid_label') copy.filter = ['==', ['get', 'level'], level];
  else copy['source-layer'] = `grid_${level}`;
  return copy;
}

/** The style for the levels of a deployment: as it is where they are those of the style. */
export function fitLevels(style: StyleSpecification, levels: LevelInfo[]): StyleSpecification {
  const sorted = [...levels].sort((a, b) => a.level - b.level);
  const pairs = pair(sorted, drawingsOf(style));
  const layers = style.layers.flatMap((layer) => {
    const drawn = levelOf(layer);
    if (drawn === undefined) return [layer];
    const found = pairs.find(([, drawing]) => drawing.level === drawn);
    return found ? [redraw(layer, ...found)] : [];
  });
  return { ...style, layers };
}
