// What the reader chose: language and colours, remembered by the browser.

import type { Language } from './messages';

export type Theme = 'day' | 'night';

export interface Choice {
  language: Language;
  theme: Theme;
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

/** Holds the choice and tells whoever asked to know when it changes. */
export class Preferences {
  private choice: Choice = { ...initial(), ...remembered() };
  private readonly listeners: ((choice: Choice, before: Choice) => void)[] = [];

  get current(): Choice {
    return this.choice;
  }

  onChange(listener: (choice: Choice, before: Choice) => void): void {
    this.listeners.push(listener);
  }

  set(change: Partial<Choice>): void {
    const before = this.choice;
    this.choice = { ...before, ...change };
    try {
      localStorage.setItem(key, JSON.stringify(this.choice));
    } catch {
      // See `remembered`.
    }
    for (const listener of this.listeners) listener(this.choice, before);
  }
}
