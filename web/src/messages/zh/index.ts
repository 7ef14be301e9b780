import { ask } from './ask';
import { domain } from './domain';
import { layers } from './layers';
import { overview } from './overview';
import { shell } from './shell';
import { tree } from './tree';

/** The strings of the page and of what it shows, then those of each mode under its name. */
export const zh = { ...shell, ...domain, ask, layers, overview, tree };

/** The strings of a language. */
export type Messages = typeof zh;
