// Starts the page: asks the server what there is, then draws it.

import 'maplibre-gl/dist/maplibre-gl.css';
import './styles/page.css';
import './styles/panels.css';
import './styles/layers.css';
import { ApiError, getStatus } from './api/client';
import type { Status } from './api/contract';
import { App } from './app';
import { h } from './dom';
import * as format from './format';
import { languageTag, messages } from './messages';
import { Preferences } from './preferences';

const retryAfter = 3000;

function say(root: HTMLElement, text: string, isError = false): void {
  root.replaceChildren(h('p', { class: isError ? 'splash error' : 'splash', role: isError ? 'alert' : 'status' }, text));
}

async function statusWithRetries(root: HTMLElement, preferences: Preferences): Promise<Status> {
  const words = messages[preferences.current.language];
  for (;;) {
    try {
      return await getStatus();
    } catch (error) {
      say(root, error instanceof ApiError && error.status === 0 ? words.error.unreachableRetry : format.problem(error, words).advice, true);
      await new Promise((resolve) => setTimeout(resolve, retryAfter));
    }
  }
}

async function start(root: HTMLElement): Promise<void> {
  const preferences = new Preferences();
  const { language, theme } = preferences.current;
  document.documentElement.lang = languageTag[language];
  document.documentElement.dataset.theme = theme;
  say(root, messages[language].page.loading);
  const status = await statusWithRetries(root, preferences);
  if (!status.bounds || status.grids === 0) return say(root, messages[language].empty);
  try {
    new App(root, preferences, status, status.bounds);
  } catch (error) {
    // MapLibre throws when the browser gives it no WebGL, as over some remote desktops.
    console.error(error);
    say(root, messages[language].error.graphics, true);
  }
}

const root = document.getElementById('app');
if (root) void start(root);
