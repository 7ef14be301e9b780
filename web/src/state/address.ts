// The address says what is seen, so that it can be sent to somebody else.

import { watch } from 'vue';
import { useEventListener } from '@vueuse/core';
import { readPermalink, writePermalink } from '../permalink';
import type { Page } from './page';

/** Writes the address as the page changes, and follows it when the reader changes it. */
export function useAddress({ map, selection, question, area, docks, parameters }: Page): void {
  function write(): void {
    // A camera that is on its way is written when it has arrived.
    if (map.map.isMoving()) return;
    const { point, at } = selection;
    // The point of a question that has no answer yet is not in the map's own system for certain.
    const isAnswered = question.content.value?.kind === 'answer';
    const open = docks.names.filter((name) => !(name === 'ask' && isAnswered));
    const link = { view: map.view, point: isAnswered ? point : undefined, grid: question.content.value ? undefined : area.grid.value?.code, at, open, parameters };
    history.replaceState(null, '', writePermalink(link));
  }

  function follow(): void {
    const { view, point, grid, at, open, parameters: kept } = readPermalink(location.hash);
    if (view) map.jumpTo(view);
    selection.at = at;
    Object.assign(parameters, kept);
    for (const name of open ?? []) docks.open(name);
    if (grid && !point) void area.choose(grid, { fit: !view });
    if (!point) return;
    docks.open('ask');
    void question.ask({ position: point, crs: 'cgcs2000', fly: !view });
  }

  map.map.on('moveend', write);
  watch([question.content, () => selection.chain, () => selection.at, () => docks.names, () => ({ ...parameters })], write);
  useEventListener(window, 'hashchange', follow);
}
