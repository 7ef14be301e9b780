// What the reader chose: language and colours, remembered by the browser.

import { ref, watch, type Ref } from 'vue';
import type { Language } from '../messages';

export type Theme = 'day' | 'night';

export interface Choice {
  language: Language;
  theme: Theme;
}

export interface Preferences {
  language: Ref<Language>;
  theme: Ref<Theme>;
}

const key = 'gewu.preferences';

function initial(): Choice {
  const dark = window.matchMedia('(prefers-color-scheme: dark)').matches;
  return { language: 'zh', theme: dark ? 'night' : 'day' };
}

function remembered(): Partial<Choice> {
  try {
    const { language, theme } = JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Choice>;
    return {
      ...(language === 'zh' || language === 'en' ? { language } : {}),
      ...(theme === 'day' || theme === 'night' ? { theme } : {}),
    };
  } catch {
    // Storage may be switched off or hold something else: the choice then lasts as long as the page.
    return {};
  }
}

export function createPreferences(): Preferences {
  const choice = { ...initial(), ...remembered() };
  const preferences = { language: ref(choice.language), theme: ref(choice.theme) };
  watch([preferences.language, preferences.theme], ([language, theme]) => {
    try {
      localStorage.setItem(key, JSON.stringify({ language, theme }));
    } catch {
      // See `remembered`.
    }
  });
  return preferences;
}
