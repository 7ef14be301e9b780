// Which figure colours the grids of which level, and what its classes are. The address keeps it under `layers`, as `people@4@quantile`.

import { computed, reactive, watch, type Ref } from 'vue';
import { day, night } from '../../style/palette.mjs';
import type { LevelInfo } from '../api/contract';
import { getFigures, isOfNow, type FigureRow } from '../api/figures';
import { Choropleth } from '../map/choropleth';
import { classify, classOf, methods, type Method, type ValueClass } from '../map/classes';
import type { MapView } from '../map/view';
import type { Theme } from './preferences';
import { moment, type Selection } from './selection';

export interface Shade {
  figure: string;
  level: number;
  method: Method;
}

export interface Shaded {
  /** What is shown, or on its way; none: nothing. */
  readonly shade: Shade | undefined;
  readonly classes: (ValueClass & { colour: string })[];
  /** How many grids have a value that is not told. */
  readonly withheld: number;
  readonly withheldColour: string;
  readonly failure: unknown;
  /** 0 to 1. */
  opacity: number;
  show(shade: Shade | undefined): void;
}

export function writeShade({ figure, level, method }: Shade): string {
  return `${figure}@${level}@${method}`;
}

export function readShade(text: string | undefined, levels: LevelInfo[]): Shade | undefined {
  const [, figure, digits, method] = /^([\w.]{1,60})@([1-6])@(\w+)$/.exec(text ?? '') ?? [];
  const isMethod = (name: string | undefined): name is Method => (methods as readonly (string | undefined)[]).includes(name);
  const level = Number(digits);
  if (!figure || !isMethod(method) || !levels.some((info) => info.level === level)) return undefined;
  return { figure, level, method };
}

interface Given {
  map: MapView;
  levels: LevelInfo[];
  selection: Selection;
  theme: Ref<Theme>;
  /** Changes when figures may have. */
  renewed: Readonly<Ref<number>>;
  /** What the address keeps. */
  kept: Ref<string | undefined>;
}

/** The colours of `count` classes, from the least to the most: spread over the palette. */
function colours(ramp: string[], count: number): string[] {
  if (count === 1) return [ramp[Math.floor(ramp.length / 2)]!];
  return Array.from({ length: count }, (_, index) => ramp[Math.round((index * (ramp.length - 1)) / (count - 1))]!);
}

export function createChoropleth({ map, levels, selection, theme, renewed, kept }: Given): Shaded {
  const drawn = new Choropleth(map);
  const found = reactive({ rows: [] as FigureRow[], failure: undefined as unknown, opacity: 0.8 });
  const shade = computed(() => readShade(kept.value, levels));
  const palette = computed(() => (theme.value === 'night' ? night : day));
  const classes = computed(() => {
    const values = found.rows.flatMap(({ values: [value] }) => (typeof value === 'number' ? [value] : []));
    const { length } = palette.value.classes;
    const made = classify(values, length, shade.value?.method ?? 'quantile');
    const ramp = colours(palette.value.classes, made.length);
    return made.map((one, index) => ({ ...one, colour: ramp[index]! }));
  });
  const untold = computed(() => found.rows.filter(({ values: [value] }) => value === null));
  let underway: AbortController | undefined;

  async function load(): Promise<void> {
    underway?.abort();
    const { signal } = (underway = new AbortController());
    found.failure = undefined;
    if (!shade.value) return void (found.rows = []);
    const { figure, level } = shade.value;
    try {
      const { rows } = await getFigures([figure], { level, at: isOfNow(figure) ? undefined : moment(selection.at) }, signal);
      if (!signal.aborted) found.rows = rows;
    } catch (error) {
      if (!signal.aborted) [found.rows, found.failure] = [[], error];
    }
  }

  function draw(): void {
    if (!shade.value || found.rows.length === 0) return drawn.set(undefined);
    const { level } = shade.value;
    const made = classes.value.map(({ colour }) => ({ colour, codes: [] as string[] }));
    for (const { code, values: [value] } of found.rows) {
      if (typeof value === 'number') made[classOf(value, classes.value)]?.codes.push(code);
    }
    drawn.set({
      level, classes: made, withheld: untold.value.map(({ code }) => code), withheldColour: palette.value.withheld, opacity: found.opacity,
      minZoom: levels.find((info) => info.level === level)?.min_zoom ?? 0,
    });
  }

  watch([() => shade.value?.figure, () => shade.value?.level, () => selection.at, renewed], load, { immediate: true });
  watch([classes, untold, () => found.opacity], draw);
  return {
    get shade() { return shade.value; },
    get classes() { return classes.value; },
    get withheld() { return untold.value.length; },
    get withheldColour() { return palette.value.withheld; },
    get failure() { return found.failure; },
    get opacity() { return found.opacity; },
    set opacity(share) { found.opacity = share; },
    show: (next) => void (kept.value = next && writeShade(next)),
  };
}
