// Chinese first; English at a switch.

import { en } from './en';
import { zh, type Messages } from './zh';

export type { Messages } from './zh';
export type Language = 'zh' | 'en';

/** The value of the document's `lang` attribute, which also picks the glyph forms of Chinese characters. */
export const languageTag: Record<Language, string> = { zh: 'zh-CN', en: 'en' };

export const messages: Record<Language, Messages> = { zh, en };

/** Puts values into the `{places}` of a message. `{n|grid|grids}` is the first word for one, the second for any other number. */
export function fill(message: string, values: Record<string, string | number>): string {
  return message.replace(/\{(\w+)(?:\|([^|}]+)\|([^}]+))?\}/g, (place, name: string, one?: string, several?: string) => {
    const value = String(values[name] ?? place);
    return one && several ? (value === '1' ? one : several) : value;
  });
}

/** A number with thousands separators: a count, or with so many decimals. */
export function count(n: number, decimals = 0): string {
  return n.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}
