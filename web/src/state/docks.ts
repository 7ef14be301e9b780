// Which modes are open, and on which side. A wall has room for one at each side; any other screen for one in all.

import { reactive, type Ref } from 'vue';

/** The ways to work with the map. Each has a folder of that name in `modes/`, a part in the messages and a parameter in the address. */
export const modeNames = ['tree', 'ask', 'act', 'overview', 'layers'] as const;
export type ModeName = (typeof modeNames)[number];
export type Side = 'left' | 'right';

export interface Docks {
  /** The side at which a mode opens on this screen. */
  sideOf(name: ModeName): Side;
  /** The mode that is open at a side. */
  at(side: Side): ModeName | undefined;
  isOpen(name: ModeName): boolean;
  open(name: ModeName): void;
  close(name: ModeName): void;
  /** Closes what was opened last; false when nothing was open. */
  closeLast(): boolean;
  /** Those that are open, the last one last. */
  readonly names: ModeName[];
}

/** `sides`: where each mode stands on a wall. */
export function createDocks(sides: Partial<Record<ModeName, Side>>, isWall: Ref<boolean>): Docks {
  const opened = reactive<ModeName[]>([]);
  const sideOf = (name: ModeName): Side => (isWall.value && sides[name]) || 'left';
  // A wall that became a window has two of them open at one side: the later one is seen.
  const at = (side: Side) => opened.findLast((name) => sideOf(name) === side);
  const close = (name: ModeName) => {
    const index = opened.indexOf(name);
    if (index >= 0) opened.splice(index, 1);
  };
  return {
    sideOf,
    at,
    close,
    isOpen: (name) => at(sideOf(name)) === name,
    open(name) {
      if (!(name in sides)) return;
      for (const other of opened.filter((one) => sideOf(one) === sideOf(name))) close(other);
      opened.push(name);
    },
    closeLast() {
      const last = opened.at(-1);
      if (last) close(last);
      return last !== undefined;
    },
    get names() {
      return [...opened];
    },
  };
}
