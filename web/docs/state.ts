// What the page knows: language and colours, who asks, the server's description of itself, and the place of the examples.

import { computed, reactive, shallowReactive } from 'vue';
import { createPreferences } from '../src/state/preferences';
import { ask, askJson, type Asked, type Reply } from './ask';
import { messages, type Messages } from './messages';
import type { OpenApi } from './openapi';
import { findPlace, type Place } from './place';

/** Who the caller is to the server. */
export interface Access {
  authentication: boolean;
  caller: { means: string; subject: string; roles: string[]; purpose: string | null };
  purposes: string[];
}

/** Language and colours, which both pages share. */
export const choice = reactive(createPreferences());
export const caller = reactive({ token: '', purpose: '' });
export const known = shallowReactive<{ access?: Access; document?: OpenApi; place?: Place; problem: string; accessProblem: string }>({
  problem: '',
  accessProblem: '',
});

/** The words of the language that was chosen. */
export const words = computed<Messages>(() => messages[choice.language]);

/** Asks as the caller that was named. */
export function askAsCaller(asked: Asked, signal: AbortSignal, onPart?: (part: Reply) => void): Promise<Reply> {
  return ask(asked, caller, signal, onPart);
}

const saying = (error: unknown) => (error instanceof Error && error.message) || words.value.console.unreachable;

/** Reads who the caller is, what there is, and where to show it. */
export async function learn(): Promise<void> {
  Object.assign(known, { problem: '', accessProblem: '' });
  try {
    known.access = await askJson<Access>('/v1/access', caller);
  } catch (error) {
    known.accessProblem = saying(error);
  }
  try {
    const document = await askJson<OpenApi>('/api', caller);
    known.place = await findPlace(document, caller);
    known.document = document;
  } catch (error) {
    known.problem = saying(error);
  }
}
