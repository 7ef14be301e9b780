// Figures and bodies as people read them.

import type { Reply } from './ask';
import { fill, type Messages } from './messages';

/** Bytes with three digits or so. */
export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  return n < 1e6 ? `${(n / 1000).toPrecision(3)} kB` : `${(n / 1e6).toPrecision(3)} MB`;
}

/** Milliseconds with as many places as mean something. */
export function milliseconds(n: number): string {
  return n < 10 ? n.toFixed(1) : String(Math.round(n));
}

/** What a body weighs, unpacked and as it travelled. */
export function weight({ bytes: body, wire, encoding }: Reply, words: Messages): string {
  if (wire === undefined || !encoding) return fill(words.console.bytes, { raw: bytes(body.length) });
  return fill(words.console.wire, { raw: bytes(body.length), wire: bytes(wire), encoding });
}

const textual = /^(text\/|application\/(.*\+)?(json|x-ndjson|geo\+json-seq|xml))|csv/;

/** Is a body of this media type text? */
export function isText(media: string): boolean {
  return textual.test(media);
}

/** JSON with one value a line; anything else as it came. Only a whole document can be set out. */
export function pretty({ media, ending }: Pick<Reply, 'media' | 'ending'>, text: string): string {
  if (!/json$/.test(media) || ending !== 'whole') return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** The first bytes in hexadecimal. */
export function hexadecimal(body: Uint8Array, most: number): string {
  return [...body.subarray(0, most)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** The entries of `Server-Timing`: name, what is said of it, milliseconds. */
export function serverTimings(header: string | null): { name: string; about: string; ms: number | undefined }[] {
  const entries = (header ?? '').split(',').filter((entry) => entry.trim());
  return entries.map((entry) => {
    const [name = '', ...parameters] = entry.split(';').map((part) => part.trim());
    const value = (key: string) => parameters.find((parameter) => parameter.startsWith(`${key}=`))?.slice(key.length + 1);
    const ms = value('dur');
    return { name, about: value('desc') ?? '', ms: ms === undefined ? undefined : Number(ms) };
  });
}
