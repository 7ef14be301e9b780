// Chinese first; English at a switch.

import { en } from './en';
import { zh, type Messages } from './zh';

export type { Messages } from './zh';
export { operations } from './operations';

export const messages: Record<'zh' | 'en', Messages> = { zh, en };

/** Puts values into the `{places}` of a message. */
export function fill(message: string, values: Record<string, string | number>): string {
  return message.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}
