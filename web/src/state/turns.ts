// Who gets a click on the map, or the Escape key: the mode that asked last, and as long as it is there.

import { onScopeDispose } from 'vue';

/** Takes what happened; `false` passes it on to whoever was there before. */
export type Turn<T> = (happened: T) => boolean | void;

export interface Turns<T> {
  /** Takes the turn until the component that calls this is gone. */
  take(turn: Turn<T>): void;
  /** Gives what happened to whoever has the turn; false when nobody took it. */
  give(happened: T): boolean;
}

export function createTurns<T>(): Turns<T> {
  const turns: Turn<T>[] = [];
  return {
    take(turn) {
      turns.push(turn);
      onScopeDispose(() => turns.splice(turns.indexOf(turn), 1));
    },
    give: (happened) => turns.toReversed().some((turn) => turn(happened) !== false),
  };
}
