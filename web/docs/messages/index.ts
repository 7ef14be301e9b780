// Chinese first; English at a switch.

import type { Language } from '../../src/messages';
import { en } from './en';
import { zh, type Messages } from './zh';

export type { Messages } from './zh';
export { fill, languageTag } from '../../src/messages';
export { operations } from './operations';

export const messages: Record<Language, Messages> = { zh, en };
