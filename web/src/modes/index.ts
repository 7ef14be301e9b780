// The modes, in the order of their tabs.

import { icons } from '../icons';
import AskPanel from './ask/AskPanel.vue';
import LayersPanel from './layers/LayersPanel.vue';
import type { Mode } from './mode';

export const modes: Mode[] = [
  { name: 'ask', title: (words) => words.ask.title, icon: icons.search, component: AskPanel, digit: 2, side: 'left', opensFirst: true },
  { name: 'layers', title: (words) => words.layers.title, icon: icons.layers, component: LayersPanel, digit: 5, side: 'right' },
];
