import type { Component } from 'vue';
import type { Messages } from '../messages';
import type { ModeName, Side } from '../state/docks';

/** A way to work with the map, as `modes/index.ts` lists it. */
export interface Mode {
  /** Also its folder, its part of the messages and its parameter in the address. */
  name: ModeName;
  title: (words: Messages) => string;
  /** A path of `icons.ts`. */
  icon: string;
  /** What stands in the dock while the mode is open. */
  component: Component;
  /** Alt and this digit open it. */
  digit: 1 | 2 | 3 | 4 | 5;
  /** Where it stands on a wall. */
  side: Side;
  /** Is it open when the page is opened with nothing asked? */
  opensFirst?: boolean;
}
