import type { Messages } from '../zh';
import { ask } from './ask';
import { domain } from './domain';
import { layers } from './layers';
import { overview } from './overview';
import { shell } from './shell';
import { tree } from './tree';

export const en: Messages = { ...shell, ...domain, ask, layers, overview, tree };
