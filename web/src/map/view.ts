// The map itself: camera, theme, which layers show, flat or extruded.

import * as maplibregl from 'maplibre-gl';
import type { LayerSpecification, Map as MapLibre, MapMouseEvent } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import { address, headers } from '../api/client';
import type { Change, GridRef, LevelInfo, Position } from '../api/contract';
import type { View } from '../permalink';
import type { Theme } from '../state/preferences';
import { touched } from './dirty';
import { drawHover } from './hover';
import { isVisible, levelOf, switchOf, type Switch } from './layers';
import { enlarged, largeness } from './letters';
import { fitLevels } from './levels';
import { groupOf, opacityProperties, scaled, type OpacityGroup } from './opacity';
import { room } from './room';

maplibregl.setWorkerUrl(address(workerUrl));

/** West, south, east, north, in degrees. */
export type Bounds = [number, number, number, number];

/** A thing under the pointer, as the tiles describe it. */
export interface Thing {
  group: 'buildings' | 'facilities';
  properties: Record<string, unknown>;
}

/** What lies below the grids: nothing, or Tianditu's map or imagery. */
export type Base = 'none' | 'vec' | 'img';

/** Without a base, the one that the server gives. */
function styleAddress(theme: Theme, base: Base | undefined): string {
  return address(`style.json?theme=${theme}${base ? `&base=${base}` : ''}`);
}

/**
 * An address with a version may be answered from what was kept under it for ever. Whoever has the page open wants the present tile: asked
 * for without one, it is the server that says whether the one that was kept is that.
 */
function unversioned(url: string): string {
  return url.replace(/(\/tiles\/[^?]*)\?v=[^&]*$/, '$1');
}

/** A tile of ours, without parameters. */
const ownTile = /\/tiles\/(grids|buildings|facilities)\/[\d/]+$/;

const tilted = 58;

export class MapView {
  readonly map: MapLibre;
  private readonly hidden = new Set<Switch>();
  private readonly shares = new Map<OpacityGroup, number>();
  private theme: Theme;
  private base: Base | undefined;
  private extruded = false;
  private within: string | undefined;
  private ready = false;

  constructor(container: HTMLElement, theme: Theme, bounds: Bounds, private readonly levels: LevelInfo[], view?: View) {
    this.theme = theme;
    const camera = view
      ? { center: [view.lon, view.lat] as [number, number], zoom: view.zoom, bearing: view.bearing, pitch: view.pitch }
      : { bounds, fitBoundsOptions: { padding: room() } };
    this.map = new maplibregl.Map({
      container,
      attributionControl: false,
      maxPitch: 70,
      // Our tiles say what is where; a world beside the world would only confuse.
      renderWorldCopies: false,
      fadeDuration: 150,
      // A tile out of sight would come back as it was before a change; the browser keeps it too, and asks whether it is still so.
      maxTileCacheSize: 0,
      // Who is logged in is for this server to know, and for nobody who sends a base map.
      transformRequest: (url) => ({ url: this.kept(unversioned(url)), headers: url.startsWith(address('')) ? headers() : {} }),
      ...camera,
    });
    this.extruded = (view?.pitch ?? 0) > 0;
    this.map.on('style.load', () => {
      this.ready = true;
      this.written = new Map(this.map.getStyle().layers.map((layer) => [layer.id, layer]));
      this.applyVisibility();
      for (const group of this.shares.keys()) this.applyOpacity(group);
    });
    this.setTheme(theme);
  }

  /** The layers as the style wrote them. */
  private written = new Map<string, LayerSpecification>();

  /** A scale bar, to be put beside the map. */
  scale(): HTMLElement {
    return new maplibregl.ScaleControl({ maxWidth: 110 }).onAdd(this.map);
  }

  get view(): View {
    const { lng, lat } = this.map.getCenter();
    return { zoom: this.map.getZoom(), lat, lon: lng, bearing: this.map.getBearing(), pitch: this.map.getPitch() };
  }

  /** Changes the colours; the map fires `style.load` when the new style is in place. */
  setTheme(theme: Theme): void {
    this.ready = false;
    this.theme = theme;
    this.map.setStyle(styleAddress(theme, this.base), { diff: false, transformStyle: (_, style) => enlarged(fitLevels(style, this.levels), largeness()) });
  }

  /** Puts another base map below, or none. */
  setBase(base: Base): void {
    this.base = base;
    this.setTheme(this.theme);
  }

  /** The share of its own opacity that a group of layers has: 0 to 1. */
  opacity(group: OpacityGroup): number {
    return this.shares.get(group) ?? 1;
  }

  setOpacity(group: OpacityGroup, share: number): void {
    this.shares.set(group, share);
    this.applyOpacity(group);
  }

  private applyOpacity(group: OpacityGroup): void {
    if (!this.ready) return;
    for (const [id, layer] of this.written) {
      if (groupOf(layer) !== group || !this.map.getLayer(id)) continue;
      const paint = (layer.paint ?? {}) as Record<string, unknown>;
      for (const name of opacityProperties(layer)) this.map.setPaintProperty(id, name as 'fill-opacity', scaled(paint[name], this.opacity(group)) as number);
    }
  }

  /** Outlines a grid that is pointed at elsewhere on the page. */
  hover(grid: GridRef | undefined): void {
    drawHover(this, grid);
  }

  /** Calls back with the codes of the grids under the pointer, the deepest level first; gives what ends that. */
  onPoint(pointed: (codes: string[]) => void): () => void {
    const moved = this.map.on('mousemove', ({ point }) => pointed(this.gridsAt(point)));
    const left = this.map.on('mouseout', () => pointed([]));
    return () => [moved, left].forEach((listening) => listening.unsubscribe());
  }

  private gridsAt(point: maplibregl.Point): string[] {
    if (!this.ready) return [];
    const layers = this.map.getStyle().layers.filter((layer) => layer.type === 'fill' && levelOf(layer) !== undefined);
    const found = this.map.queryRenderedFeatures(point, { layers: layers.map(({ id }) => id) });
    const ranked = found.toSorted((a, b) => Number(b.properties.level) - Number(a.properties.level));
    return [...new Set(ranked.map(({ properties }) => String(properties.code)))];
  }

  /** Shows only a grid, by its code, and what is below it; of none: everything. */
  keepTo(code: string | undefined): void {
    this.within = code;
    this.refresh();
  }

  /** The address of a tile with what the map is kept to. */
  private kept(url: string): string {
    return this.within && ownTile.test(url) ? `${url}?within=${encodeURIComponent(this.within)}` : url;
  }

  /** True while a style is in place to which layers can be added. */
  get isReady(): boolean {
    return this.ready;
  }

  get isExtruded(): boolean {
    return this.extruded;
  }

  /** Tilts the map and raises the buildings, or lays both flat. */
  setExtruded(extruded: boolean): void {
    this.extruded = extruded;
    this.applyVisibility();
    this.map.easeTo(extruded ? { pitch: tilted } : { pitch: 0, bearing: 0 });
  }

  /** Asks again for the tiles that a change touches; for all where it is not known. */
  refresh(change?: Change): void {
    this.refreshNow(change);
    // What was asked for before the change may come after it.
    if (!this.map.areTilesLoaded()) this.map.once('idle', () => this.refreshNow(change));
  }

  private refreshNow(change?: Change): void {
    if (!this.ready) return;
    for (const source of ['grids', 'buildings', 'facilities'] as const) {
      const found = this.map.getSource(source);
      if (!found) continue;
      const shown = this.map.coveringTiles({ tileSize: 512, maxzoom: (found as maplibregl.VectorTileSource).maxzoom });
      const tiles = touched(shown.map(({ canonical }) => canonical), change ? change.dirty[source] : ['0/0/0']);
      if (tiles.length > 0) this.map.refreshTiles(source, tiles);
    }
  }

  /** What lies below the grids now; before anything was chosen, Tianditu's map where the server has it. */
  get baseNow(): Base {
    if (this.base) return this.base;
    return this.ready && this.map.getStyle().layers.some((layer) => switchOf(layer) === 'base') ? 'vec' : 'none';
  }

  isShown(name: Switch): boolean {
    return !this.hidden.has(name);
  }

  show(name: Switch, shown: boolean): void {
    if (shown) this.hidden.delete(name);
    else this.hidden.add(name);
    this.applyVisibility();
  }

  private applyVisibility(): void {
    if (!this.ready) return;
    for (const layer of this.map.getStyle().layers) {
      if (!switchOf(layer)) continue;
      const visibility = isVisible(layer, this.hidden, this.extruded) ? 'visible' : 'none';
      this.map.setLayoutProperty(layer.id, 'visibility', visibility);
    }
  }

  /** The colour of a level's borders; empty until the style is in place. */
  borderColour(level: number): string {
    const id = `grid-${level}-line`;
    return this.ready && this.map.getLayer(id) ? String(this.map.getPaintProperty(id, 'line-color')) : '';
  }

  jumpTo(view: View): void {
    this.map.jumpTo({ center: [view.lon, view.lat], zoom: view.zoom, bearing: view.bearing, pitch: view.pitch });
  }

  /** Flies to a point, close enough to see its grid. */
  flyTo({ lon, lat }: Position): void {
    const zoom = Math.max(this.map.getZoom(), 15.2);
    this.map.flyTo({ center: [lon, lat], zoom, offset: MapView.offset(), maxDuration: 2500 });
  }

  /** From the middle of the map to the middle of what is free of it. */
  private static offset(): [number, number] {
    const { top, right, bottom, left } = room();
    return [(left - right) / 2, (top - bottom) / 2];
  }

  /** Comes near enough for a zoom; does nothing where it is. */
  approach(zoom: number): void {
    if (this.map.getZoom() < zoom) this.map.easeTo({ zoom });
  }

  /** Moves the map so that a point is not under what floats over it. */
  reveal({ lon, lat }: Position): void {
    const { x, y } = this.map.project([lon, lat]);
    const { clientWidth: width, clientHeight: height } = this.map.getContainer();
    const { top, right, bottom, left } = room();
    const isFree = x > left && x < width - right && y > top && y < height - bottom;
    if (!isFree) this.map.easeTo({ center: [lon, lat], offset: MapView.offset() });
  }

  /** Shows an area whole, in what is free of the map; `instantly` without the way there. */
  fit(bounds: Bounds, { instantly = false } = {}): void {
    this.map.fitBounds(bounds, { padding: room(), pitch: this.map.getPitch(), bearing: 0, animate: !instantly });
  }

  /** Ends the map and all that it holds. */
  remove(): void {
    this.ready = false;
    this.map.remove();
  }

  /** Calls back with the position that the reader points at: a click, or Enter for the centre. */
  onPick(pick: (position: Position, things: Thing[]) => void): void {
    const at = (lngLat: maplibregl.LngLat, point: maplibregl.Point) => {
      const { lng, lat } = lngLat.wrap();
      pick({ lon: lng, lat }, this.thingsAt(point));
    };
    this.map.on('click', (event: MapMouseEvent) => at(event.lngLat, event.point));
    this.map.getCanvas().addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return;
      const centre = this.map.getCenter();
      at(centre, this.map.project(centre));
    });
  }

  private thingsAt(point: maplibregl.Point): Thing[] {
    const layers = this.map.getStyle().layers.filter((layer) => {
      const name = switchOf(layer);
      return name === 'buildings' || name === 'facilities';
    });
    const seen = new Set<string>();
    return this.map
      .queryRenderedFeatures(point, { layers: layers.map((layer) => layer.id) })
      .filter(({ source, id }) => !seen.has(`${source}/${id}`) && seen.add(`${source}/${id}`))
      .map(({ source, properties }) => ({ group: source as Thing['group'], properties }));
  }

  /** What the tiles' owners ask to be credited with. */
  get attribution(): string[] {
    const sources = Object.keys(this.map.getStyle().sources);
    const texts = sources.map((name) => this.map.getSource(name)?.attribution);
    return [...new Set(texts.filter((text): text is string => Boolean(text)))];
  }
}
