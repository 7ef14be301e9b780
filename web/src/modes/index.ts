// The modes, in the order of their tabs.

import { icons } from '../icons';
import AskPanel from './ask/AskPanel.vue';
import LayersPanel from './layers/LayersPanel.vue';
import type { Mode } from './mode';
import OverviewPanel from './overview/OverviewPanel.vue';
import TreePanel from './tree/TreePanel.vue';

export const modes: Mode[] = [
  { name: 'tree', title: (words) => words.tree.title, icon: icons.tree, component: TreePanel, digit: 1, side: 'left' },
  { name: 'ask', title: (words) => words.ask.title, icon: icons.search, component: AskPanel, digit: 2, side: 'left', opensFirst: true },
  { name: 'overview', title: (words) => words.overview.title, icon: icons.chart, component: OverviewPanel, digit: 4, side: 'right' },
  { name: 'layers', title: (words) => words.layers.title, icon: icons.layers, component: LayersPanel, digit: 5, side: 'right' },
];
