// The tile inspector: choose a tile, and see what is in it, what it weighs and how long it was built.

import { computed, defineComponent, reactive, shallowReactive, shallowRef, watch } from 'vue';
import { askJson, detailOf, type Reply } from '../ask';
import * as format from '../format';
import { fill } from '../messages';
import { askAsCaller, caller, known, words } from '../state';
import { decode, type Feature, type Layer } from './decode';
import { Drawing } from './drawing';
import { above, below, beside, exists, extentOf, type TileId } from './matrix';
import { Picker } from './picker';
import { AttributeTable, Chosen, LayerTable } from './tables';

/** One tile as it came. */
interface Tile {
  reply: Reply;
  layers: Layer[];
  /** Why it could not be read. */
  fault: string;
}

function read(reply: Reply): Tile {
  if (reply.status !== 200) return { reply, layers: [], fault: '' };
  try {
    return { reply, layers: decode(reply.bytes), fault: '' };
  } catch (error) {
    return { reply, layers: [], fault: String(error) };
  }
}

/** The names of all tilesets, which the landing page links. */
async function tilesets(): Promise<string[]> {
  const { links } = await askJson<{ links: { href: string }[] }>('/?f=json', caller);
  const names = links.map(({ href }) => /\/collections\/([^/]+)\/tiles$/.exec(href)?.[1]).filter((name) => name !== undefined);
  return [...new Set(names)].map(decodeURIComponent);
}

function builtIn(reply: Reply): string {
  const { tiles: said } = words.value;
  const timings = format.serverTimings(reply.headers.get('server-timing'));
  const of = (wanted: string) => timings.find(({ name }) => name === wanted)?.ms;
  const [now, before] = [of('build'), of('built')];
  if (now !== undefined) return fill(said.miss, { ms: now });
  return before === undefined ? said.unsaid : fill(said.hit, { ms: before });
}

function Figures({ tile, at }: { tile: Tile; at: TileId }) {
  const { tiles: said, console: plain } = words.value;
  const { reply, layers } = tile;
  const header = (name: string) => reply.headers.get(name) ?? said.unsaid;
  const facts: [string, string][] = [
    [said.status, `${reply.status} ${reply.statusText}`],
    [said.raw, format.bytes(reply.bytes.length)],
    [said.wire, reply.wire === undefined ? said.unsaid : `${format.bytes(reply.wire)}${reply.encoding ? ` (${reply.encoding})` : ''}`],
    [said.server, builtIn(reply)],
    [said.time, fill(plain.time, { ms: format.milliseconds(reply.milliseconds) })],
    [said.layers, String(layers.length)],
    [said.features, String(layers.reduce((sum, { features }) => sum + features.length, 0))],
    [said.revision, header('gewu-revision')],
    [said.etag, header('etag')],
    [said.place, extentOf(at).map((degrees) => degrees.toFixed(5)).join(', ')],
  ];
  return (
    <div role="group" aria-label={said.figures}>
      <dl class="facts">{facts.map(([key, value]) => [<dt>{key}</dt>, <dd>{value}</dd>])}</dl>
    </div>
  );
}

export const Inspector = defineComponent(() => {
  const names = shallowRef<string[]>(['grids']);
  const wanted = reactive({ tileset: 'grids', z: 0, x: 0, y: 0 });
  const shown = shallowRef<{ tile: Tile; at: TileId }>();
  const hidden = shallowReactive(new Set<string>());
  const current = shallowRef<Layer>();
  const chosen = shallowRef<Feature>();
  let running = new AbortController();

  const at = computed<TileId>(() => ({ z: wanted.z, x: wanted.x, y: wanted.y }));
  const inspect = async () => {
    running.abort();
    const mine = (running = new AbortController());
    const { z, x, y } = at.value;
    if (!exists({ z, x, y })) return;
    const reply = await askAsCaller({ method: 'GET', target: `/tiles/${wanted.tileset}/${z}/${x}/${y}` }, mine.signal);
    if (mine.signal.aborted) return;
    const tile = read(reply);
    shown.value = { tile, at: { z, x, y } };
    current.value = tile.layers.find(({ name }) => name === current.value?.name) ?? tile.layers[0];
    chosen.value = undefined;
  };
  const go = (tile: TileId) => {
    Object.assign(wanted, tile);
    void inspect();
  };
  const choose = (layer: Layer, feature: Feature) => {
    current.value = layer;
    chosen.value = feature;
  };
  watch(
    () => known.place,
    (place) => {
      if (!place) return;
      tilesets().then((found) => (names.value = [...found, found.join(',')])).catch(() => undefined);
      go(place.tile);
    },
    { immediate: true },
  );

  const number = (key: 'z' | 'x' | 'y', label: string) => (
    <label>
      {label} <input type="number" min={0} step={1} value={wanted[key]} onInput={(event: Event) => (wanted[key] = (event.target as HTMLInputElement).valueAsNumber)} />
    </label>
  );
  const form = () => {
    const { tiles: said } = words.value;
    const moves: [string, () => TileId][] = [
      [said.west, () => beside(at.value, -1, 0)], [said.north, () => beside(at.value, 0, -1)], [said.south, () => beside(at.value, 0, 1)], [said.east, () => beside(at.value, 1, 0)],
      [said.out, () => above(at.value)], [said.in, () => below(at.value)],
    ];
    const submit = (event: Event) => {
      event.preventDefault();
      void inspect();
    };
    return (
      <form class="tile-form" onSubmit={submit}>
        <label>
          {said.tileset}{' '}
          <select value={wanted.tileset} onChange={(event: Event) => ((wanted.tileset = (event.target as HTMLSelectElement).value), void inspect())}>
            {names.value.map((name) => <option key={name} value={name}>{name}</option>)}
          </select>
        </label>
        {number('z', said.zoom)}
        {number('x', said.column)}
        {number('y', said.row)}
        <button type="submit" class="primary">{said.show}</button>
        <span class="moves" role="group" aria-label={said.move}>{moves.map(([label, to]) => <button type="button" onClick={() => go(to())}>{label}</button>)}</span>
        {!exists(at.value) && <p class="refusal" role="alert">{fill(said.tooDeep, { n: 2 ** Math.min(Math.max(wanted.z || 0, 0), 24) - 1 })}</p>}
      </form>
    );
  };
  const state = () => {
    const { tiles: said, console: plain } = words.value;
    if (!shown.value) return known.problem ? <p class="refusal" role="alert"><strong>{plain.refused}</strong> <span lang="en">{known.problem}</span></p> : undefined;
    const { reply, fault } = shown.value.tile;
    if (fault) return <p class="refusal" role="alert">{said.unreadable} {fault}</p>;
    if (reply.status === 204) return <p role="status">{said.empty}</p>;
    if (reply.status !== 200) return <p class="refusal" role="alert"><strong>{plain.refused}</strong> <span lang="en">{detailOf(new TextDecoder().decode(reply.bytes)) ?? (reply.statusText || plain.unreachable)}</span></p>;
    return undefined;
  };
  return () => {
    const { tiles: said } = words.value;
    const { tile, at: there } = shown.value ?? {};
    const toggle = ({ name }: Layer) => (hidden.has(name) ? hidden.delete(name) : hidden.add(name));
    return (
      <section id="tiles" aria-labelledby="tiles-heading">
        <h2 id="tiles-heading">{said.heading}</h2>
        <p>{said.about}</p>
        {form()}
        {state()}
        <div class="inspector">
          <div>
            {tile && tile.layers.length > 0 && <Drawing layers={tile.layers} hidden={hidden} chosen={chosen.value} label={said.drawing} choose={choose} />}
            {chosen.value && <Chosen feature={chosen.value} />}
          </div>
          <div>
            {known.place && <Picker key={caller.token} tile={at.value} onTile={go} />}
            {tile && there && <Figures tile={tile} at={there} />}
          </div>
        </div>
        {tile && tile.layers.length > 0 && <LayerTable layers={tile.layers} hidden={hidden} current={current.value} show={(layer: Layer) => (current.value = layer)} toggle={toggle} />}
        {current.value && tile && tile.layers.length > 0 && <AttributeTable layer={current.value} chosen={chosen.value} choose={choose} />}
      </section>
    );
  };
});
