// Reads a coordinate that a person typed: longitude first, in degrees.

import type { Position } from './api/contract';
import { fill, type Messages } from './messages';

export type Reading = { position: Position } | { error: string };

/** Digits typed with a Chinese input method are full-width. */
function halfWidth(text: string): string {
  return text.normalize('NFKC').replace(/[、;]/g, ',');
}

/**
 * Reads `lon, lat`. Nothing is guessed: a latitude written first is refused, with the order that was probably
 * meant, because a swapped coordinate may well lie in another grid.
 */
export function readCoordinate(text: string, messages: Messages): Reading {
  const parts = halfWidth(text).replace(/[()[\]°]/g, ' ').split(/[\s,]+/).filter(Boolean);
  const [first, second] = parts;
  if (first === undefined || second === undefined || parts.length > 2) return { error: messages.ask.form.missing };
  const wrong = parts.find((part) => !/^[+-]?(\d+\.?\d*|\.\d+)$/.test(part));
  if (wrong !== undefined) return { error: fill(messages.ask.form.number, { text: wrong }) };
  const [lon, lat] = [Number(first), Number(second)];
  if (Math.abs(lat) > 90 && Math.abs(lat) <= 180 && Math.abs(lon) <= 90) {
    return { error: fill(messages.ask.form.swapped, { fixed: `${second}, ${first}` }) };
  }
  if (Math.abs(lon) > 180 || Math.abs(lat) > 90) return { error: messages.ask.form.range };
  return { position: { lon, lat } };
}
