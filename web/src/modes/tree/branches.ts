// The tree as far as it was opened: children are asked for when their parent opens.

import { onScopeDispose, ref, shallowRef, triggerRef, watch, type Ref } from 'vue';
import { getFigures, type FigureRow } from '../../api/figures';
import { moment, type Selection } from '../../state/selection';

/** What every row of the tree tells. */
const figures = ['grids', 'workers', 'vacant'] as const;

export interface Branch {
  row: FigureRow;
  /** Absent for a leaf; empty until they were asked for. */
  children: Branch[] | undefined;
  isLoaded: boolean;
}

function branch(row: FigureRow): Branch {
  return { row, children: row.leaf ? undefined : [], isLoaded: row.leaf };
}

export function useBranches(selection: Selection, renewed: Readonly<Ref<number>>) {
  const roots = shallowRef<Branch[]>([]);
  const opened = ref<string[]>([]);
  const failure = shallowRef<unknown>();
  const byCode = new Map<string, Branch>();
  const loads = new Map<string, Promise<void>>();
  let underway = new AbortController();

  async function ask(parent?: string): Promise<Branch[]> {
    const { signal } = underway;
    const { rows } = await getFigures(figures, { parent, at: moment(selection.at) }, signal);
    signal.throwIfAborted();
    const found = rows.map(branch);
    for (const one of found) byCode.set(one.row.code, one);
    return found;
  }

  /** Runs one load; what fails is told, unless nobody waits for it any more. */
  async function attempt(work: () => Promise<void>): Promise<void> {
    const { signal } = underway;
    try {
      await work();
      failure.value = undefined;
    } catch (error) {
      if (!signal.aborted) failure.value = error;
    }
  }

  async function fill(one: Branch): Promise<void> {
    one.children = await ask(one.row.code);
    one.isLoaded = true;
    triggerRef(roots);
  }

  /** Asks for the children of a grid, once. */
  function load(code: string): Promise<void> {
    const one = byCode.get(code);
    if (!one || one.isLoaded) return Promise.resolve();
    const running = loads.get(code) ?? attempt(() => fill(one)).finally(() => loads.delete(code));
    loads.set(code, running);
    return running;
  }

  let first: Promise<void> = Promise.resolve();
  /** Begins anew, as for another day, with the same grids open. */
  function begin(): void {
    underway.abort();
    underway = new AbortController();
    byCode.clear();
    loads.clear();
    const wanted = opened.value;
    first = attempt(async () => {
      roots.value = await ask();
      opened.value = wanted.length > 0 ? wanted : roots.value.length === 1 ? roots.value.map(({ row }) => row.code) : [];
      // From the top down: a grid is there once its parent is.
      for (const code of opened.value) await load(code);
    });
  }

  /** Opens the tree down to the last grid of a chain. */
  async function reveal(codes: string[]): Promise<Branch | undefined> {
    await first;
    for (const code of codes.slice(0, -1)) {
      await load(code);
      if (byCode.has(code) && !opened.value.includes(code)) opened.value = [...opened.value, code];
    }
    return byCode.get(codes.at(-1) ?? '');
  }

  watch(opened, (codes, before) => codes.filter((code) => !before?.includes(code)).forEach((code) => void load(code)));
  watch([() => selection.at, renewed], begin, { immediate: true });
  onScopeDispose(() => underway.abort());
  return { roots, opened, failure, reveal, find: (code: string) => byCode.get(code) };
}
