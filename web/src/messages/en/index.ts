import { act } from './act';
import type { Messages } from '../zh';
import { ask, search } from './ask';
import { domain } from './domain';
import { layers } from './layers';
import { overview } from './overview';
import { shell } from './shell';
import { tree } from './tree';

export const en: Messages = { ...shell, ...domain, act, ask, search, layers, overview, tree };
