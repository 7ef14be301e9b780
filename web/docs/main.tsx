// Starts the page for developers.

import '../src/styles/tokens.css';
import './styles/page.css';
import './styles/parts.css';
import './styles/tiles.css';
import { createApp, nextTick, watchEffect } from 'vue';
import { languageTag } from './messages';
import { Page } from './page';
import { choice, learn, words } from './state';

watchEffect(() => {
  const { dataset } = document.documentElement;
  document.documentElement.lang = languageTag[choice.language];
  dataset.theme = choice.theme;
  document.title = words.value.title;
});

/** Goes to what the address names: that is there only when the server has told what it can. */
function followHash(): void {
  const found = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (found instanceof HTMLDetailsElement) found.open = true;
  found?.scrollIntoView();
}

createApp(Page).mount('#docs');
window.addEventListener('hashchange', followHash);
await learn();
await nextTick();
if (location.hash) followHash();
