// Starts the page: asks the server what there is, then draws it.

import 'maplibre-gl/dist/maplibre-gl.css';
import './styles/page.css';
import './styles/panels.css';
import './styles/layers.css';
import { ApiError, callAs, getAccess, getStatus } from './api/client';
import type { Access } from './api/contract';
import { LoginError, Session } from './api/login';
import { App } from './app';
import { h } from './dom';
import * as format from './format';
import { languageTag, messages, type Messages } from './messages';
import { Preferences } from './preferences';

const retryAfter = 3000;

function say(root: HTMLElement, text: string, isError = false): void {
  root.replaceChildren(h('p', { class: isError ? 'splash error' : 'splash', role: isError ? 'alert' : 'status' }, text));
}

/** Asks until there is an answer: a server may be about to start. */
async function withRetries<T>(root: HTMLElement, words: Messages, ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      say(root, error instanceof ApiError && error.status === 0 ? words.error.unreachableRetry : format.problem(error, words).advice, true);
      await new Promise((resolve) => setTimeout(resolve, retryAfter));
    }
  }
}

/** Shows the way to the provider, and why it must be gone. */
function invite(root: HTMLElement, words: Messages, access: Access, why: string): void {
  const { login } = access;
  if (!login) return say(root, words.login.none, true);
  const button = h('button', { class: 'primary', type: 'button' }, words.login.enter);
  const said = h('p', { role: 'status' }, why);
  button.addEventListener('click', () => {
    button.disabled = true;
    Session.leave(login).catch(() => {
      button.disabled = false;
      said.textContent = words.login.unreachable;
    });
  });
  root.replaceChildren(h('main', { class: 'splash login' }, h('div', {}, h('h1', {}, words.page.title), said, button)));
  button.focus();
}

/** Somebody who is logged in, where that is needed; nobody: the page shows how. */
async function enter(root: HTMLElement, words: Messages, access: Access): Promise<Session | undefined> {
  if (!access.login) return void invite(root, words, access, '');
  try {
    const session = await Session.comeBack(access.login, () => invite(root, words, access, words.login.ended));
    if (!session) invite(root, words, access, words.login.needed);
    return session;
  } catch (error) {
    const detail = error instanceof LoginError && error.message ? error.message : words.login.unreachable;
    return void invite(root, words, access, `${words.login.failed} ${detail}`);
  }
}

async function start(root: HTMLElement): Promise<void> {
  const preferences = new Preferences();
  const { language, theme } = preferences.current;
  document.documentElement.lang = languageTag[language];
  document.documentElement.dataset.theme = theme;
  const words = messages[language];
  say(root, words.page.loading);
  const access = await withRetries(root, words, getAccess);
  const session = access.authentication ? await enter(root, words, access) : undefined;
  if (access.authentication && !session) return;
  if (session) callAs(session);
  const status = await withRetries(root, words, getStatus);
  if (!status.bounds || status.grids === 0) return say(root, words.empty);
  try {
    new App(root, preferences, status, status.bounds, session && (() => session.leave()));
  } catch (error) {
    // MapLibre throws when the browser gives it no WebGL, as over some remote desktops.
    console.error(error);
    say(root, words.error.graphics, true);
  }
}

const root = document.getElementById('app');
if (root) void start(root);
