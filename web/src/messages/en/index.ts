import type { Messages } from '../zh';
import { ask } from './ask';
import { domain } from './domain';
import { layers } from './layers';
import { shell } from './shell';

export const en: Messages = { ...shell, ...domain, ask, layers };
