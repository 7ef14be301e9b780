import { ask } from './ask';
import { domain } from './domain';
import { layers } from './layers';
import { shell } from './shell';

/** The strings of the page and of what it shows, then those of each mode under its name. */
export const zh = { ...shell, ...domain, ask, layers };

/** The strings of a language. */
export type Messages = typeof zh;
