// From nothing to a page: asks the server how one gets in and what there is.

import { shallowRef, type ShallowRef } from 'vue';
import { ApiError, callAs, getAccess, getStatus } from './api/client';
import type { Access, Login, Status } from './api/contract';
import { LoginError, Session } from './api/login';
import * as format from './format';
import type { Bounds } from './map/view';
import type { Messages } from './messages';

/** What the page shows. */
export type Stage =
  | { kind: 'words'; text: string; isError: boolean }
  | { kind: 'login'; login: Login; why: string }
  | { kind: 'map'; status: Status; bounds: Bounds; logout: (() => void) | undefined };

const retryAfter = 3000;

/** Begins, and tells by the stage how far it is. */
export function start(words: Messages): ShallowRef<Stage> {
  const stage = shallowRef<Stage>(said(words.page.loading));
  void begin(stage, words);
  return stage;
}

export function said(text: string, isError = false): Stage {
  return { kind: 'words', text, isError };
}

async function begin(stage: ShallowRef<Stage>, words: Messages): Promise<void> {
  const access = await withRetries(stage, words, getAccess);
  const session = access.authentication ? await enter(stage, words, access) : undefined;
  if (access.authentication && !session) return;
  if (session) callAs(session);
  const status = await withRetries(stage, words, getStatus);
  const { bounds } = status;
  if (!bounds || status.grids === 0) stage.value = said(words.empty);
  else stage.value = { kind: 'map', status, bounds, logout: session && (() => session.leave()) };
}

/** Asks until there is an answer: a server may be about to start. */
async function withRetries<T>(stage: ShallowRef<Stage>, words: Messages, ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const isAway = error instanceof ApiError && error.status === 0;
      stage.value = said(isAway ? words.error.unreachableRetry : format.problem(error, words).advice, true);
      await new Promise((resolve) => setTimeout(resolve, retryAfter));
    }
  }
}

/** Somebody who is logged in; nobody: the page shows the way to the provider, and why it must be gone. */
async function enter(stage: ShallowRef<Stage>, words: Messages, { login }: Access): Promise<Session | undefined> {
  if (!login) return void (stage.value = said(words.login.none, true));
  const invite = (why: string) => void (stage.value = { kind: 'login', login, why });
  try {
    const session = await Session.comeBack(login, () => invite(words.login.ended));
    return session ?? invite(words.login.needed);
  } catch (error) {
    const detail = error instanceof LoginError && error.message ? error.message : words.login.unreachable;
    return invite(`${words.login.failed} ${detail}`);
  }
}
