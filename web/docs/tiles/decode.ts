// What is in a vector tile: its layers, each with its features, their attributes and their outlines.

import { VectorTileLayer, type VectorTileFeature } from '@mapbox/vector-tile';
import { PbfReader } from 'pbf';

export type Value = number | string | boolean;

/** One feature. `kind`: 1 points, 2 lines, 3 polygons. */
export interface Feature {
  /** Its place in the layer. */
  place: number;
  id: number | undefined;
  kind: number;
  properties: Record<string, Value>;
  /** Its outline as a path of SVG, in tile units, y down. */
  path: string;
  vertices: number;
}

export interface Layer {
  name: string;
  version: number;
  /** Tile units to a side. */
  extent: number;
  /** Bytes that it takes of the tile. */
  bytes: number;
  features: Feature[];
  /** Every attribute that any feature has. */
  keys: string[];
}

/** The field of a tile that holds a layer, by the Mapbox Vector Tile specification 2.1. */
const layerField = 3;

function outline(kind: number, parts: { x: number; y: number }[][]): string {
  // A line of no length with round ends is a dot.
  if (kind === 1) return parts.flat().map(({ x, y }) => `M${x} ${y}h0`).join('');
  const close = kind === 3 ? 'Z' : '';
  return parts.map((part) => `M${part.map(({ x, y }) => `${x} ${y}`).join('L')}${close}`).join('');
}

function feature(read: VectorTileFeature, place: number): Feature {
  const parts = read.loadGeometry();
  const vertices = parts.reduce((sum, part) => sum + part.length, 0);
  return { place, id: read.id, kind: read.type, properties: read.properties, path: outline(read.type, parts), vertices };
}

function layer(read: VectorTileLayer, bytes: number): Layer {
  const features = Array.from({ length: read.length }, (_, place) => feature(read.feature(place), place));
  const keys = [...new Set(features.flatMap(({ properties }) => Object.keys(properties)))];
  return { name: read.name, version: read.version, extent: read.extent, bytes, features, keys };
}

/** Throws when the bytes are no tile. */
export function decode(tile: Uint8Array): Layer[] {
  const reader = new PbfReader(tile);
  return reader.readFields<Layer[]>((field, layers, at) => {
    if (field !== layerField) return;
    const bytes = at.readVarint();
    const end = at.pos + bytes;
    layers.push(layer(new VectorTileLayer(at, end), bytes));
    at.pos = end;
  }, []);
}
