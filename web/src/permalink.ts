// The address of a view: `#zoom/lat/lon[/bearing/pitch][&point=lon,lat | &grid=code][&within=code][&at=date][&open=mode,mode][&mode=…]`; the view in the order that other web
// maps use.

import type { Position } from './api/contract';
import { modeNames, type ModeName } from './state/docks';

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
  /** The grid chosen as an area. */
  grid?: string;
  /** The code of the grid of which alone the map shows anything. */
  within?: string;
  /** The day for which answers are wanted, as 2026-03-03. */
  at?: string;
  /** The modes that are open. */
  open?: ModeName[];
  /** What a mode keeps for itself, by its name. */
  parameters?: Partial<Record<ModeName, string>>;
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

/** A code is letters, digits and signs that need no escape. */
function readCode(text: string): string | undefined {
  return /^[\w-]{1,64}$/.test(text) ? text : undefined;
}

/** A day that there is: the 30th of February is none. */
function readDay(text: string): string | undefined {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : NaN;
  return Number.isFinite(time) && new Date(time).toISOString().startsWith(text) ? text : undefined;
}

function isMode(name: string): name is ModeName {
  return (modeNames as readonly string[]).includes(name);
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Reads the hash of an address; a part that makes no sense is left out. */
export function readPermalink(hash: string): Permalink {
  const link: Permalink = {};
  for (const part of hash.replace(/^#/, '').split('&')) {
    const [, name, text = ''] = /^(\w+)=(.*)$/.exec(part) ?? [];
    if (name === 'point') link.point = readPoint(text);
    else if (name === 'grid') link.grid = readCode(text);
    else if (name === 'within') link.within = readCode(text);
    else if (name === 'at') link.at = readDay(text);
    else if (name === 'open') link.open = text.split(',').filter(isMode);
    else if (name && isMode(name)) link.parameters = { ...link.parameters, [name]: decode(text) };
    else if (!name && part.includes('/')) link.view = readView(part);
  }
  return link;
}

/** Decimals of a degree that are finer than a pixel at this zoom. */
function decimals(zoom: number): number {
  return Math.max(3, Math.ceil((zoom * Math.LN2 + Math.log(512 / 360 / 0.5)) / Math.LN10));
}

/** Writes the hash of a view and of what else there is; a point to the centimetre (7 decimals). */
export function writePermalink({ view, point, grid, within, at, open, parameters = {} }: Permalink): string {
  const parts: string[] = [];
  if (view) {
    const digits = decimals(view.zoom);
    const place = [+view.zoom.toFixed(2), view.lat.toFixed(digits), view.lon.toFixed(digits)];
    if (view.bearing || view.pitch) place.push(+view.bearing.toFixed(1), +view.pitch.toFixed(1));
    parts.push(place.join('/'));
  }
  if (point) parts.push(`point=${+point.lon.toFixed(7)},${+point.lat.toFixed(7)}`);
  else if (grid) parts.push(`grid=${grid}`);
  if (within) parts.push(`within=${within}`);
  if (at) parts.push(`at=${at}`);
  if (open?.length) parts.push(`open=${open.join(',')}`);
  for (const [name, text] of Object.entries(parameters)) {
    if (text) parts.push(`${name}=${encodeURIComponent(text).replaceAll('%2C', ',').replaceAll('%2F', '/')}`);
  }
  return `#${parts.join('&')}`;
}
