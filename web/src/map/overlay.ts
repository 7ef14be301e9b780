// Shapes that a mode draws over the map: rings, areas, things. A new style knows nothing of them, so they are drawn again with each.

import type { ExpressionSpecification, GeoJSONSource, LayerSpecification, MapLayerMouseEvent } from 'maplibre-gl';
import type { MapView } from './view';

export interface Shape {
  type: 'Feature';
  geometry: { type: string; coordinates: unknown };
  /** `kind`: zone, ring, area, line, vertex, incident, service, protect, help; `id`: what it is in a list. */
  properties: { kind: string; id?: string; text?: string };
}

const source = 'overlay';
const shade = 'overlay-shade';
const colours = {
  day: { ring: '#b3261e', area: '#0f6179', protect: '#b83c0a', help: '#17663f', other: '#536373', edge: '#ffffff', service: '#17663f' },
  night: { ring: '#ff8a80', area: '#52b9d4', protect: '#ffa94d', help: '#7bd3a3', other: '#a0afbd', edge: '#0d1218', service: '#7bd3a3' },
};

type Colours = (typeof colours)['day'];

function of(...kinds: string[]): ExpressionSpecification {
  return ['in', ['get', 'kind'], ['literal', kinds]];
}

function layersOf(c: Colours): LayerSpecification[] {
  const thing: ExpressionSpecification = ['match', ['get', 'kind'], 'protect', c.protect, 'help', c.help, c.other];
  return [
    { id: 'overlay-service', type: 'fill', source, filter: of('service'), paint: { 'fill-color': c.service, 'fill-opacity': 0.14 } },
    { id: 'overlay-area', type: 'fill', source, filter: of('area'), paint: { 'fill-color': c.area, 'fill-opacity': 0.14 } },
    { id: 'overlay-zone', type: 'fill', source, filter: of('ring'), paint: { 'fill-color': c.ring, 'fill-opacity': 0.05 } },
    { id: 'overlay-ring', type: 'line', source, filter: of('ring'), paint: { 'line-color': c.ring, 'line-width': 1.6, 'line-dasharray': [3, 2] } },
    { id: 'overlay-line', type: 'line', source, filter: of('area', 'line'), paint: { 'line-color': c.area, 'line-width': 2.4 } },
    {
      id: 'overlay-vertex', type: 'circle', source, filter: of('vertex'),
      paint: { 'circle-radius': 5, 'circle-color': c.edge, 'circle-stroke-color': c.area, 'circle-stroke-width': 2.5 },
    },
    {
      id: 'overlay-thing', type: 'circle', source, filter: of('protect', 'help', 'other'),
      paint: { 'circle-radius': 6, 'circle-color': thing, 'circle-stroke-color': c.edge, 'circle-stroke-width': 1.5 },
    },
    {
      id: 'overlay-incident', type: 'circle', source, filter: of('incident'),
      paint: { 'circle-radius': 8, 'circle-color': c.ring, 'circle-stroke-color': c.edge, 'circle-stroke-width': 3 },
    },
    {
      id: 'overlay-pointed', type: 'circle', source, filter: ['==', ['get', 'id'], ''],
      paint: { 'circle-radius': 12, 'circle-color': thing, 'circle-opacity': 0.35, 'circle-stroke-color': thing, 'circle-stroke-width': 2.5 },
    },
  ];
}

export class Overlay {
  private shapes: Shape[] = [];
  private pointedAt = '';
  private shaded: { level: number; shares: [string, number][] } | undefined;
  private readonly listening: { unsubscribe(): void }[];

  constructor(private readonly view: MapView, private theme: keyof typeof colours) {
    const { map } = view;
    this.listening = [map.on('style.load', () => this.draw())];
    this.draw();
  }

  setTheme(theme: keyof typeof colours): void {
    this.theme = theme;
  }

  set(shapes: Shape[]): void {
    this.shapes = shapes;
    const found = this.view.isReady && this.view.map.getSource(source);
    if (found) (found as GeoJSONSource).setData(this.data as never);
    else this.draw();
  }

  /** Rings one thing, by its `id`; none: nothing. */
  point(id: string | undefined): void {
    this.pointedAt = id ?? '';
    if (this.view.isReady && this.view.map.getLayer('overlay-pointed')) {
      this.view.map.setFilter('overlay-pointed', ['==', ['get', 'id'], this.pointedAt]);
    }
  }

  /** Shades grids of a level, by code, the more the greater a share (0 to 1). */
  shade(level: number, shares: [string, number][]): void {
    this.shaded = shares.length > 0 ? { level, shares } : undefined;
    this.drawShade();
  }

  private drawShade(): void {
    if (!this.view.isReady) return;
    const { map } = this.view;
    if (map.getLayer(shade)) map.removeLayer(shade);
    if (!this.shaded) return;
    const { level, shares } = this.shaded;
    const opacity = ['match', ['get', 'code'], ...shares.flatMap(([code, share]) => [code, Math.max(0.08, share * 0.5)]), 0];
    map.addLayer({
      id: shade, type: 'fill', source: 'grids', 'source-layer': `grid_${level}`,
      paint: { 'fill-color': colours[this.theme].ring, 'fill-opacity': opacity as ExpressionSpecification },
    }, this.lowestLine);
  }

  /** The lowest layer of borders: what covers whole areas lies below it. */
  private get lowestLine(): string | undefined {
    return this.view.map.getStyle().layers.find(({ type }) => type === 'line')?.id;
  }

  /** Tells at which thing the pointer is. */
  onPoint(tell: (id: string | undefined) => void): void {
    const { map } = this.view;
    const at = ({ features }: MapLayerMouseEvent) => tell(features?.[0]?.properties.id as string | undefined);
    this.listening.push(map.on('mousemove', 'overlay-thing', at), map.on('mouseleave', 'overlay-thing', () => tell(undefined)));
  }

  /** The thing at a place of the canvas. */
  thingAt(position: { lon: number; lat: number }): string | undefined {
    const { map } = this.view;
    if (!this.view.isReady || !map.getLayer('overlay-thing')) return undefined;
    const [found] = map.queryRenderedFeatures(map.project([position.lon, position.lat]), { layers: ['overlay-thing'] });
    return found?.properties.id as string | undefined;
  }

  remove(): void {
    this.listening.forEach((one) => one.unsubscribe());
    if (!this.view.isReady) return;
    const { map } = this.view;
    for (const { id } of [{ id: shade }, ...layersOf(colours.day)]) if (map.getLayer(id)) map.removeLayer(id);
    if (map.getSource(source)) map.removeSource(source);
  }

  private get data(): { type: 'FeatureCollection'; features: Shape[] } {
    return { type: 'FeatureCollection', features: this.shapes };
  }

  private draw(): void {
    if (!this.view.isReady) return;
    const { map } = this.view;
    // Layers with nothing in them would have the map drawn anew for nothing.
    if (this.shapes.length === 0 && !map.getSource(source)) return this.drawShade();
    if (!map.getSource(source)) map.addSource(source, { type: 'geojson', data: this.data as never });
    for (const layer of layersOf(colours[this.theme])) {
      // Many circles lie over each other: borders and names stay above them.
      if (!map.getLayer(layer.id)) map.addLayer(layer, layer.id === 'overlay-service' ? this.lowestLine : undefined);
    }
    this.point(this.pointedAt);
    this.drawShade();
  }
}
