// The address of a view: `#zoom/lat/lon[/bearing/pitch][&point=lon,lat]`, the order that other web maps use.

import type { Position } from './api/contract';

export interface View {
  zoom: number;
  lat: number;
  lon: number;
  bearing: number;
  pitch: number;
}

export interface Permalink {
  view?: View;
  /** The point asked about, in CGCS2000 degrees. */
  point?: Position;
}

function readNumbers(text: string, separator: string): number[] | undefined {
  const numbers = text.split(separator).map((part) => (part.trim() === '' ? NaN : Number(part)));
  return numbers.every(Number.isFinite) ? numbers : undefined;
}

function onEarth(lon: number, lat: number): boolean {
  return Math.abs(lon) <= 180 && Math.abs(lat) <= 90;
}

function readView(text: string): View | undefined {
  const [zoom, lat, lon, bearing = 0, pitch = 0] = readNumbers(text, '/') ?? [];
  if (zoom === undefined || lat === undefined || lon === undefined) return undefined;
  if (zoom < 0 || zoom > 24 || pitch < 0 || pitch > 85 || !onEarth(lon, lat)) return undefined;
  return { zoom, lat, lon, bearing, pitch };
}

function readPoint(text: string): Position | undefined {
  const [lon, lat, ...rest] = readNumbers(text, ',') ?? [];
  if (lon === undefined || lat === undefined || rest.length > 0 || !onEarth(lon, lat)) return undefined;
  return { lon, lat };
}

/** Reads the hash of an address; a part that makes no sense is left out. */
export function readPermalink(hash: string): Permalink {
  const link: Permalink = {};
  for (const part of hash.replace(/^#/, '').split('&')) {
    if (part.startsWith('point=')) link.point = readPoint(part.slice('point='.length));
    else if (part.includes('/')) link.view = readView(part);
  }
  return link;
}

/** Decimals of a degree that are finer than a pixel at this zoom. */
function decimals(zoom: number): number {
  return Math.max(3, Math.ceil((zoom * Math.LN2 + Math.log(512 / 360 / 0.5)) / Math.LN10));
}

/** Writes the hash of a view and, where one was asked about, a point (7 decimals: a centimetre). */
export function writePermalink({ view, point }: Permalink): string {
  const parts: string[] = [];
  if (view) {
    const digits = decimals(view.zoom);
    const place = [+view.zoom.toFixed(2), view.lat.toFixed(digits), view.lon.toFixed(digits)];
    if (view.bearing || view.pitch) place.push(+view.bearing.toFixed(1), +view.pitch.toFixed(1));
    parts.push(place.join('/'));
  }
  if (point) parts.push(`point=${+point.lon.toFixed(7)},${+point.lat.toFixed(7)}`);
  return `#${parts.join('&')}`;
}
