// Answers of the server in the words of the reader.

import { ApiError } from './api/client';
import type { Duty, LevelInfo, Position, ProblemDetails, Resolution } from './api/contract';
import { count, fill, type Language, type Messages } from './messages';

/** A distance in metres: to the decimetre below 100 m, to the metre below 1 km. */
export function distance(metres: number, messages: Messages): string {
  if (metres >= 999.5) return fill(messages.unit.kilometres, { n: count(metres / 1000, metres < 99_950 ? 1 : 0) });
  return fill(messages.unit.metres, { n: metres.toFixed(metres < 99.95 ? 1 : 0) });
}

/** A round number of metres. */
export function metres(n: number, messages: Messages): string {
  return fill(n < 1000 ? messages.unit.metres : messages.unit.kilometres, { n: n < 1000 ? n : n / 1000 });
}

/** An area in square metres: in hectares below a square kilometre. */
export function area(squareMetres: number, messages: Messages): string {
  if (squareMetres < 1e6) return fill(messages.unit.hectares, { n: (squareMetres / 1e4).toFixed(1) });
  return fill(messages.unit.squareKilometres, { n: count(squareMetres / 1e6, 1) });
}

/** A position to the centimetre. */
export function position({ lon, lat }: Position): string {
  return `${lon.toFixed(6)}, ${lat.toFixed(6)}`;
}

/** What a deployment calls a level. */
export function levelName(level: number, levels: LevelInfo[], language: Language, messages: Messages): string {
  const info = levels.find((entry) => entry.level === level);
  const name = language === 'en' ? info?.name_en : info?.name;
  return name || fill(messages.level, { n: level });
}

/** What a figure of `GET /v1/figures` is called, such as `people` or `facilities.clinic`. */
export function figureName(figure: string, messages: Messages): string {
  const [name = '', kind] = figure.split('.');
  const known = kind === undefined ? messages.figure : messages.facility;
  return (known as Record<string, string>)[kind ?? name] ?? figure;
}

/** The names of a chain from the top down: 大理州 › 大理市 › …. */
export function chainLine(resolution: Resolution): string {
  return resolution.chain.map((grid) => grid.name).join(' › ');
}

/** The role of a worker with their place in the order of duty. */
export function duty(worker: Duty, messages: Messages): string {
  const role = messages.role[worker.role] ?? worker.role;
  return `${role} · ${worker.rank > 1 ? messages.rank.deputy : messages.rank.primary}`;
}

/** The level above the leaf that answers because nobody is on duty in the leaf itself. */
export function climbedTo(resolution: Resolution): string | undefined {
  const [first] = resolution.responsible;
  const leaf = resolution.grid;
  if (!first || !leaf || first.grid_code === leaf.code) return undefined;
  return resolution.chain.find((grid) => grid.code === first.grid_code)?.name ?? first.grid_code;
}

/** The server's own words, each said once: a single wrong field is both the detail and an entry of its own. */
function ownWords({ detail, errors = [] }: ProblemDetails): string[] {
  const fields = errors.filter((entry) => entry.detail !== detail).map((entry) => `${entry.field}: ${entry.detail}`);
  return detail ? [detail, ...fields] : fields;
}

/** What went wrong and what to do, then the server's own words. */
export function problem(error: unknown, messages: Messages): { advice: string; details: string[] } {
  if (!(error instanceof ApiError)) return { advice: fill(messages.error.other, { n: '?' }), details: [String(error)] };
  if (error.status === 0) return { advice: messages.error.unreachable, details: [] };
  const known = (messages.error as Record<string, string>)[String(error.status)];
  const advice = known ?? fill(messages.error.other, { n: error.status });
  return { advice, details: ownWords(error.problem) };
}
