// A question that is asked again whenever what it asks changes; a newer one ends an older one.

import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue';

export interface Answered<T> {
  answer: ShallowRef<T | undefined>;
  error: ShallowRef<unknown>;
  isAsking: ShallowRef<boolean>;
  again(): void;
}

/** `asked`: what is asked, as a text that is the same for the same question; none: nothing is asked. */
export function useAnswer<T>(asked: () => string | undefined, find: (signal: AbortSignal) => Promise<T>): Answered<T> {
  const answer = shallowRef<T>();
  const error = shallowRef<unknown>();
  const isAsking = shallowRef(false);
  let underway: AbortController | undefined;

  async function again(): Promise<void> {
    underway?.abort();
    error.value = undefined;
    isAsking.value = asked() !== undefined;
    if (asked() === undefined) return void (answer.value = undefined);
    const { signal } = (underway = new AbortController());
    try {
      const found = await find(signal);
      if (signal.aborted) return;
      answer.value = found;
    } catch (cause) {
      if (signal.aborted) return;
      [answer.value, error.value] = [undefined, cause];
    }
    isAsking.value = false;
  }

  watch(asked, again, { immediate: true });
  onScopeDispose(() => underway?.abort());
  return { answer, error, isAsking, again: () => void again() };
}
