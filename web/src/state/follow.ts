// Keeps the map in step with what is chosen, and tells whoever wants to know what was pointed at.

import { onScopeDispose, watch } from 'vue';
import type { Change } from '../api/contract';
import { Changes } from '../api/events';
import { Highlight } from '../map/highlight';
import type { Page } from './page';

/** Joins the map to the state of the page, for as long as the page is there. */
export function followMap({ map, status, selection, question, theme, words, picks }: Page): void {
  const highlight = new Highlight(map, status.levels, theme.value);
  watch([() => selection.point, () => selection.chain], ([point, chain]) => highlight.set({ point, chain }));
  watch(theme, (colours) => {
    highlight.setTheme(colours);
    map.setTheme(colours);
  });
  watch(() => selection.at, () => question.again());
  watch(words, ({ page }) => map.map.getCanvas().setAttribute('aria-label', page.map), { immediate: true });
  map.onPick((position, things) => picks.give({ position, things }));
  // For tests and for whoever takes pictures of the page: has everything asked for been drawn?
  const say = (state: string) => (document.documentElement.dataset.map = state);
  map.map.on('render', () => say('busy'));
  map.map.on('idle', () => say('idle'));
}

/** Redraws what changes on the server; `found` is told whether the server can be heard. */
export function followServer({ map, status, changes: seen }: Page, found: (isHeard: boolean) => void): void {
  const hear = (change?: Change) => {
    map.refresh(change);
    if (!change || change.all || change.dirty.grids.length > 0 || change.dirty.counts.length > 0) seen.value += 1;
  };
  const changes = new Changes(status.revision, hear, found);
  onScopeDispose(() => changes.end());
}
