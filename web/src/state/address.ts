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
    const kind = question.content.value?.kind;
    const isAnswered = kind === 'answer' || kind === 'grid';
    const isAsking = docks.isOpen('ask') || (isAnswered && docks.names.length === 0);
    const open = docks.names.filter((name) => !(name === 'ask' && isAnswered));
    const link = {
      view: map.view, point: kind === 'answer' && isAsking ? point : undefined, grid: question.content.value ? undefined : area.grid.value?.code, within: area.only.value?.code, at, open,
      parameters: { ...parameters, ask: isAsking ? question.text : undefined },
    };
    history.replaceState(null, '', writePermalink(link));
  }

  function follow(): void {
    const { view, point, grid, within, at, open, parameters: kept } = readPermalink(location.hash);
    if (view) map.jumpTo(view);
    selection.at = at;
    void area.keepTo(within);
    Object.assign(parameters, kept);
    for (const name of open ?? []) docks.open(name);
    if (question.follow(kept?.ask, point, !view)) docks.open('ask');
    else if (grid) void area.choose(grid, { fit: !view });
  }

  map.map.on('moveend', write);
  watch([question.content, () => selection.chain, () => selection.at, area.only, () => docks.names, () => ({ ...parameters })], write);
  useEventListener(window, 'hashchange', follow);
}
