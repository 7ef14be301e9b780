// Keeps the map in step with what is chosen, and tells whoever wants to know what was pointed at.

import { onScopeDispose, watch } from 'vue';
import { getStatus } from '../api/client';
import type { Change } from '../api/contract';
import { Changes } from '../api/events';
import { Highlight } from '../map/highlight';
import type { Page } from './page';

/** Joins the map to the state of the page, for as long as the page is there. */
export function followMap({ map, status, selection, question, hidden, theme, words, picks }: Page): void {
  const highlight = new Highlight(map, status.levels, theme.value);
  watch([() => selection.point, () => selection.chain], ([point, chain]) => highlight.set({ point, chain }));
  watch(theme, (colours) => {
    highlight.setTheme(colours);
    map.setTheme(colours);
  });
  watch(hidden, (names) => map.hide(names), { immediate: true });
  watch(() => selection.at, () => question.again());
  watch(words, ({ page }) => map.map.getCanvas().setAttribute('aria-label', page.map), { immediate: true });
  map.onPick((position, things) => picks.give({ position, things }));
  // For tests and for whoever takes pictures of the page: has everything asked for been drawn?
  const say = (state: string) => (document.documentElement.dataset.map = state);
  map.map.on('render', () => say('busy'));
  map.map.on('idle', () => say('idle'));
}

/** Redraws what changes on the server; `found` is told whether the server can be heard. */
export function followServer({ map, status, revision, changes: seen }: Page, found: (isHeard: boolean) => void): void {
  function heard(change?: Change): void {
    map.refresh(change);
    if (!change || change.all || change.dirty.grids.length > 0 || change.dirty.counts.length > 0) seen.value += 1;
    if (change) revision.value = Math.max(revision.value, change.revision);
    // Where anything may have changed, the server says what is the newest.
    else getStatus().then((now) => (revision.value = now.revision), () => {});
  }
  const changes = new Changes(status.revision, heard, found);
  onScopeDispose(() => changes.end());
}
