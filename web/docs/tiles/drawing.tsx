// A tile drawn to scale: its square, and what reaches beyond it.

import type { Feature, Layer } from './decode';

/** Tile units around the square, for what reaches beyond it. */
const margin = 160;
/** Colours there are; layers beyond take them again. */
const colours = 8;

const kinds = ['unknown', 'points', 'lines', 'polygons'];

export const colourOf = (place: number) => `colour-${place % colours}`;

interface Shown {
  layers: Layer[];
  hidden: Set<string>;
  chosen: Feature | undefined;
  label: string;
  choose: (layer: Layer, feature: Feature) => void;
}

export function Drawing({ layers, hidden, chosen, label, choose }: Shown) {
  const extent = layers[0]?.extent ?? 4096;
  return (
    <svg class="tile" role="img" aria-label={label} viewBox={`${-margin} ${-margin} ${extent + 2 * margin} ${extent + 2 * margin}`}>
      <rect class="square" x="0" y="0" width={extent} height={extent} />
      {layers.map((layer, place) => !hidden.has(layer.name) && (
        // Layers may differ in their units; the first says how large the picture is.
        <g key={layer.name} class={colourOf(place)} transform={layer.extent === extent ? undefined : `scale(${extent / layer.extent})`}>
          {layer.features.map((feature) => (
            <path class={[kinds[feature.kind], feature === chosen && 'chosen']} d={feature.path} onClick={() => choose(layer, feature)} />
          ))}
        </g>
      ))}
      <rect class="frame" x="0" y="0" width={extent} height={extent} />
    </svg>
  );
}
