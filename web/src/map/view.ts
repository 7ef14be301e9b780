// The map itself: camera, theme, which layers show, flat or extruded.

import * as maplibregl from 'maplibre-gl';
import type { LayerSpecification, Map as MapLibre, MapMouseEvent, StyleSpecification } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import { address } from '../api/client';
import type { LevelInfo, Position } from '../api/contract';
import type { View } from '../permalink';
import type { Theme } from '../preferences';

maplibregl.setWorkerUrl(address(workerUrl));

type Bounds = [number, number, number, number];

/** What a layer of our style says of itself. */
interface LayerMetadata {
  'gewu:group'?: string;
  'gewu:level'?: number;
  'gewu:form'?: 'flat' | 'extruded';
}

/** A switch of the layers panel: a group, or one level of the grids. */
export type Switch = 'buildings' | 'facilities' | `grids-${number}`;

/** A thing under the pointer, as the tiles describe it. */
export interface Thing {
  group: 'buildings' | 'facilities';
  properties: Record<string, unknown>;
}

function styleAddress(theme: Theme): string {
  return address(`style.json?theme=${theme}`);
}

function switchOf(layer: LayerSpecification): Switch | undefined {
  const { 'gewu:group': group, 'gewu:level': level } = (layer.metadata ?? {}) as LayerMetadata;
  if (group === 'grids' && level) return `grids-${level}`;
  return group === 'buildings' || group === 'facilities' ? group : undefined;
}

const tilted = 58;

export class MapView {
  readonly map: MapLibre;
  private readonly hidden = new Set<Switch>();
  private extruded = false;
  private ready = false;

  constructor(container: HTMLElement, theme: Theme, bounds: Bounds, private readonly levels: LevelInfo[], view?: View) {
    const camera = view
      ? { center: [view.lon, view.lat] as [number, number], zoom: view.zoom, bearing: view.bearing, pitch: view.pitch }
      : { bounds, fitBoundsOptions: { padding: MapView.room() } };
    this.map = new maplibregl.Map({
      container,
      attributionControl: false,
      maxPitch: 70,
      // Our tiles say what is where; a world beside the world would only confuse.
      renderWorldCopies: false,
      fadeDuration: 150,
      ...camera,
    });
    this.extruded = (view?.pitch ?? 0) > 0;
    this.map.on('style.load', () => {
      this.ready = true;
      this.applyVisibility();
    });
    this.setTheme(theme);
    this.map.addControl(new maplibregl.ScaleControl({ maxWidth: 110 }), 'bottom-right');
  }

  /** Pixels to keep free for what floats over the map. */
  private static room() {
    const wide = window.innerWidth > 720;
    return wide ? { top: 40, right: 70, bottom: 40, left: 400 } : { top: 170, right: 60, bottom: 60, left: 20 };
  }

  get view(): View {
    const { lng, lat } = this.map.getCenter();
    return { zoom: this.map.getZoom(), lat, lon: lng, bearing: this.map.getBearing(), pitch: this.map.getPitch() };
  }

  /** Changes the colours; the map fires `style.load` when the new style is in place. */
  setTheme(theme: Theme): void {
    this.ready = false;
    this.map.setStyle(styleAddress(theme), { diff: false, transformStyle: (_, style) => this.withoutUnusedLevels(style) });
  }

  /** The style draws six levels; the tiles have no layers for those that this deployment does not use. */
  private withoutUnusedLevels(style: StyleSpecification): StyleSpecification {
    const used = new Set(this.levels.map(({ level }) => level));
    const isUsed = (layer: LayerSpecification) => {
      const level = (layer.metadata as LayerMetadata | undefined)?.['gewu:level'];
      return level === undefined || used.has(level);
    };
    return { ...style, layers: style.layers.filter(isUsed) };
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
      const name = switchOf(layer);
      if (!name) continue;
      const { 'gewu:form': form } = (layer.metadata ?? {}) as LayerMetadata;
      const rightForm = !form || (form === 'extruded') === this.extruded;
      const visibility = !this.hidden.has(name) && rightForm ? 'visible' : 'none';
      this.map.setLayoutProperty(layer.id, 'visibility', visibility);
    }
  }

  jumpTo(view: View): void {
    this.map.jumpTo({ center: [view.lon, view.lat], zoom: view.zoom, bearing: view.bearing, pitch: view.pitch });
  }

  /** Flies to a point, close enough to see its grid. */
  flyTo({ lon, lat }: Position): void {
    const wide = window.innerWidth > 720;
    const zoom = Math.max(this.map.getZoom(), 15.2);
    this.map.flyTo({ center: [lon, lat], zoom, offset: wide ? [150, 0] : [0, -window.innerHeight / 5], maxDuration: 2500 });
  }

  fit(bounds: Bounds): void {
    this.map.fitBounds(bounds, { padding: MapView.room(), pitch: this.map.getPitch(), bearing: 0 });
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
