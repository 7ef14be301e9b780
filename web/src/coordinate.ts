// Reads a coordinate that a person typed: longitude first, in degrees.

import type { Crs, Position } from './api/contract';
import { fill, type Messages } from './messages';

export type Reading = { position: Position; crs: Crs } | { error: string };

/** Digits typed with a Chinese input method are full-width. */
function halfWidth(text: string): string {
  return text.normalize('NFKC').replace(/[、;]/g, ',');
}

/** Two numbers and what may stand around them, perhaps with a system before them: nothing else is called so. */
export function looksLikeCoordinate(text: string): boolean {
  const plain = halfWidth(text).replace(/^\s*EPSG:\d+/i, '');
  const isSystem = plain.length < halfWidth(text).length;
  return isSystem || /^[\s()[\]°,+\-\d.]*\d[)\]°]*[,\s]+[\s()[\]°,+\-\d.]*$/.test(plain);
}

/**
 * Reads `lon, lat` in a system, or `EPSG:n easting northing`. Nothing is guessed: a latitude written first is refused, with the order
 * that was probably meant, because a swapped coordinate may well lie in another grid.
 */
export function readCoordinate(text: string, crs: Crs, messages: Messages): Reading {
  const said = messages.search;
  const [, code] = /^\s*EPSG:(\d+)/i.exec(halfWidth(text)) ?? [];
  const parts = halfWidth(text).replace(/^\s*EPSG:\d+/i, '').replace(/[()[\]°]/g, ' ').split(/[\s,]+/).filter(Boolean);
  const [first, second] = parts;
  if (first === undefined || second === undefined || parts.length > 2) return { error: said.missing };
  const wrong = parts.find((part) => !/^[+-]?(\d+\.?\d*|\.\d+)$/.test(part));
  if (wrong !== undefined) return { error: fill(said.number, { text: wrong }) };
  const [lon, lat] = [Number(first), Number(second)];
  if (code) return { position: { lon, lat }, crs: `EPSG:${Number(code)}` };
  if (Math.abs(lat) > 90 && Math.abs(lat) <= 180 && Math.abs(lon) <= 90) {
    return { error: fill(said.swapped, { fixed: `${second}, ${first}` }) };
  }
  if (Math.abs(lon) > 180 || Math.abs(lat) > 90) return { error: said.range };
  return { position: { lon, lat }, crs };
}
