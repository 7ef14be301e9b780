// Which of three kinds of screen this is; `styles/tokens.css` draws the same lines.

import { useMediaQuery } from '@vueuse/core';
import type { Ref } from 'vue';

/** A wall of screens: wide enough for a dock at each side. */
export function useWall(): Ref<boolean> {
  return useMediaQuery('(min-width: 2560px) and (min-aspect-ratio: 21/9)');
}

/** A phone: what is asked and answered stands in a sheet at the foot. */
export function usePhone(): Ref<boolean> {
  return useMediaQuery('(max-width: 720px)');
}
