// What every part of the page shares: `usePage()` in any component below the workbench.

import { computed, inject, provide, reactive, ref, toRef, type ComputedRef, type InjectionKey, type Ref, type WritableComputedRef } from 'vue';
import { refDebounced } from '@vueuse/core';
import type { Caller, Crs, Position, Status } from '../api/contract';
import type { Hit } from '../api/search';
import type { Switch } from '../map/layers';
import type { MapView, Thing } from '../map/view';
import { messages, type Language, type Messages } from '../messages';
import type { Permalink } from '../permalink';
import { createArea, type Area } from './area';
import { createAsking, type Asking } from './asking';
import { createChoropleth, type Shaded } from './choropleth';
import { createDocks, type Docks, type ModeName, type Side } from './docks';
import type { Preferences, Theme } from './preferences';
import { createQuestion, type Question } from './question';
import { createSelection, type Selection } from './selection';
import { createTurns, type Turns } from './turns';

/** What the reader pointed at on the map. */
export interface Pick {
  /** In the map's own degrees, WGS84. */
  position: Position;
  things: Thing[];
}

/** What the reader chose in the search box: a coordinate in the system in which it was typed, or what was found by its name. */
export type Find = { position: Position; crs: Crs } | { hit: Hit };

/** What is known before the page is there. */
export interface Given {
  status: Status;
  caller: Caller;
  map: MapView;
  preferences: Preferences;
  link: Permalink;
  /** Where each registered mode stands on a wall. */
  sides: Partial<Record<ModeName, Side>>;
  isWall: Ref<boolean>;
  /** Ends the session of whoever is logged in. */
  logout: (() => void) | undefined;
}

export interface Page {
  readonly status: Status;
  /** Who is asking, and what the server shows to whom. */
  readonly caller: Caller;
  /** The newest revision that was heard of. */
  readonly revision: Ref<number>;
  readonly asking: Asking;
  readonly map: MapView;
  readonly language: Ref<Language>;
  readonly theme: Ref<Theme>;
  /** The strings in the language of the reader. */
  readonly words: ComputedRef<Messages>;
  readonly selection: Selection;
  readonly question: Question;
  readonly area: Area;
  /** The figure in whose colours the grids are. */
  readonly shaded: Shaded;
  /** The layers that are switched off. */
  readonly hidden: Ref<Switch[]>;
  readonly docks: Docks;
  /** How many changes of grids or counts were heard of: who shows figures asks for them again. */
  readonly changes: Ref<number>;
  /** The same, but not more often than figures are worth asking for. */
  readonly renewed: Readonly<Ref<number>>;
  /** Who gets a click on the map (or Enter in it). */
  readonly picks: Turns<Pick>;
  /** Who gets what is chosen in the search box. */
  readonly finds: Turns<Find>;
  /** Who gets the Escape key. */
  readonly escapes: Turns<void>;
  /** What the modes keep in the address, by mode. */
  readonly parameters: Partial<Record<ModeName, string>>;
  readonly logout: (() => void) | undefined;
}

const key: InjectionKey<Page> = Symbol('page');

export function createPage({ status, caller, map, preferences, link, sides, isWall, logout }: Given): Page {
  const { language, theme } = preferences;
  const selection = createSelection(link.at);
  const asking = createAsking();
  const question = createQuestion(selection, map, asking);
  const parameters = reactive<Page['parameters']>({ ...link.parameters });
  const { levels } = status;
  const changes = ref(0);
  const renewed = refDebounced(changes, 1000, { maxWait: 5000 });
  return {
    status, caller, map, language, theme, selection, asking, logout, question, parameters, changes, renewed,
    revision: ref(status.revision),
    words: computed(() => messages[language.value]),
    area: createArea(selection, question, map, levels),
    shaded: createChoropleth({ map, levels, selection, theme, renewed, kept: toRef(parameters, 'layers') }),
    hidden: ref(link.hide ?? []),
    docks: createDocks(sides, isWall),
    picks: createTurns(),
    finds: createTurns(),
    escapes: createTurns(),
  };
}

export function providePage(page: Page): void {
  provide(key, page);
}

export function usePage(): Page {
  const page = inject(key);
  if (!page) throw new Error('usePage() is for components below the workbench');
  return page;
}

/** What a mode keeps in the address under its own name: short. */
export function useParameter(name: ModeName): WritableComputedRef<string | undefined> {
  const { parameters } = usePage();
  return computed({ get: () => parameters[name], set: (value) => void (parameters[name] = value) });
}
