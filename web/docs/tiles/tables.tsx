// The layers of a tile, and the attributes of one layer, as tables.

import * as format from '../format';
import { fill } from '../messages';
import { words } from '../state';
import type { Feature, Layer, Value } from './decode';
import { colourOf } from './drawing';

/** Rows that are listed at most. */
const mostRows = 100;

interface Layers {
  layers: Layer[];
  hidden: Set<string>;
  current: Layer | undefined;
  show: (layer: Layer) => void;
  toggle: (layer: Layer) => void;
}

const ofKind = ({ features }: Layer, kind: number) => features.filter((feature) => feature.kind === kind).length;

export function LayerTable({ layers, hidden, current, show, toggle }: Layers) {
  const { tiles: said } = words.value;
  const heads = [said.name, said.points, said.lines, said.polygons, said.vertices, said.extent, 'MVT', said.share];
  return (
    <div class="wide" tabindex={0} role="region" aria-label={said.layerTable}>
      <table>
        <caption>{said.layerTable}</caption>
        <thead><tr>{heads.map((head, place) => <th scope="col" class={{ number: place > 0 }}>{head}</th>)}</tr></thead>
        <tbody>
          {layers.map((layer, place) => (
            <tr key={layer.name} class={{ current: layer === current }}>
              <th scope="row">
                <input type="checkbox" aria-label={`${said.drawing}: ${layer.name}`} checked={!hidden.has(layer.name)} onChange={() => toggle(layer)} />
                <span class={`swatch ${colourOf(place)}`} aria-hidden="true" />
                <button type="button" aria-pressed={layer === current} onClick={() => show(layer)}>{layer.name}</button>
              </th>
              {[1, 2, 3].map((kind) => <td class="number">{ofKind(layer, kind)}</td>)}
              <td class="number">{layer.features.reduce((sum, { vertices }) => sum + vertices, 0)}</td>
              <td class="number">{layer.extent}</td>
              <td class="number">{layer.version}</td>
              <td class="number">{format.bytes(layer.bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface Attributes {
  layer: Layer;
  chosen: Feature | undefined;
  choose: (layer: Layer, feature: Feature) => void;
}

const text = (value: Value | undefined) => (value === undefined ? '' : String(value));

export function AttributeTable({ layer, chosen, choose }: Attributes) {
  const { tiles: said } = words.value;
  const rows = layer.features.slice(0, mostRows);
  const title = fill(said.attributes, { layer: layer.name });
  const name = (feature: Feature) => String(feature.id ?? feature.place);
  return (
    <>
      <div class="wide tall" tabindex={0} role="region" aria-label={title}>
        <table>
          <caption>{title}</caption>
          <thead><tr>{[said.id, said.shape, ...layer.keys].map((key) => <th scope="col">{key}</th>)}</tr></thead>
          <tbody>
            {rows.map((feature) => (
              <tr key={feature.place} class={{ current: feature === chosen }}>
                <th scope="row"><button type="button" aria-label={fill(said.pick, { id: name(feature) })} onClick={() => choose(layer, feature)}>{name(feature)}</button></th>
                <td>{said.shapes[feature.kind]}</td>
                {layer.keys.map((key) => <td>{text(feature.properties[key])}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="note">{fill(said.rows, { all: layer.features.length, n: rows.length })}</p>
    </>
  );
}

export function Chosen({ feature }: { feature: Feature }) {
  const { tiles: said } = words.value;
  const facts = [[said.id, feature.id ?? feature.place], [said.shape, said.shapes[feature.kind]], [said.vertices, feature.vertices], ...Object.entries(feature.properties)];
  return (
    <div class="chosen-feature" role="status">
      <h4>{said.chosen}</h4>
      <dl class="facts">{facts.map(([key, value]) => [<dt>{key}</dt>, <dd>{String(value)}</dd>])}</dl>
    </div>
  );
}
