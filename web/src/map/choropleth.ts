// Grids of one level in the colours of their values, under the borders.

import type { ExpressionSpecification } from 'maplibre-gl';
import type { MapView } from './view';

export interface Shading {
  level: number;
  /** The first zoom at which tiles carry the level. */
  minZoom: number;
  /** The codes of each class, with its colour. */
  classes: { colour: string; codes: string[] }[];
  /** The codes of those whose value is not told. */
  withheld: string[];
  withheldColour: string;
  /** 0 to 1. */
  opacity: number;
}

const fill = 'choropleth-fill';
const hatched = 'choropleth-withheld';
const pattern = 'choropleth-hatch';
const side = 12;

/** Slanting lines of a colour, seamless. */
function hatch(colour: string): ImageData {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = side;
  const context = canvas.getContext('2d')!;
  context.strokeStyle = colour;
  context.lineWidth = 2;
  for (const start of [-side, 0, side]) {
    context.moveTo(start - 2, side + 2);
    context.lineTo(start + side + 2, -2);
  }
  context.stroke();
  return context.getImageData(0, 0, side, side);
}

export class Choropleth {
  private shading: Shading | undefined;

  constructor(private readonly view: MapView) {
    // A new style knows nothing of our layers.
    view.map.on('style.load', () => this.draw());
  }

  set(shading: Shading | undefined): void {
    this.shading = shading;
    this.draw();
  }

  private draw(): void {
    if (!this.view.isReady) return;
    const { map } = this.view;
    for (const id of [fill, hatched]) if (map.getLayer(id)) map.removeLayer(id);
    if (map.hasImage(pattern)) map.removeImage(pattern);
    if (this.shading) this.add(this.shading);
  }

  private add({ level, minZoom, classes, withheld, withheldColour, opacity }: Shading): void {
    const { map } = this.view;
    const common = { source: 'grids', 'source-layer': `grid_${level}`, minzoom: minZoom };
    const borders = map.getStyle().layers.find(({ type, id }) => type === 'line' && id !== 'grid-1-band')?.id;
    const coloured = classes.filter(({ codes }) => codes.length > 0);
    if (coloured.length > 0) {
      const colours = coloured.flatMap(({ colour, codes }) => [codes, colour]);
      const colour = ['match', ['get', 'code'], ...colours, 'rgba(0,0,0,0)'] as unknown as ExpressionSpecification;
      map.addLayer({ id: fill, type: 'fill', ...common, paint: { 'fill-color': colour, 'fill-opacity': opacity, 'fill-antialias': false } }, borders);
    }
    if (withheld.length === 0) return;
    map.addImage(pattern, hatch(withheldColour));
    const filter = ['match', ['get', 'code'], withheld, true, false] as unknown as ExpressionSpecification;
    map.addLayer({ id: hatched, type: 'fill', ...common, filter, paint: { 'fill-pattern': pattern, 'fill-opacity': opacity } }, borders);
  }
}
