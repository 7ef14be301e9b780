// What the mode Act keeps in the address: `point/100.26,25.6`, `area/100.2,25.6;100.3,25.6;…`, `circle/clinic/15/4/straight[/532901]`.

import type { Circle } from '../../api/coverage';
import type { Position } from '../../api/contract';

export type Task = 'point' | 'area' | 'circle';

export interface Act {
  task: Task;
  point?: Position | undefined;
  area?: Position[] | undefined;
  circle?: Circle | undefined;
}

/** An area of more vertices is not kept in the address. */
export const mostVertices = 100;
/** The service circle that is asked for first. */
export const usualCircle: Circle = { class: 'clinic', minutes: 15, level: 4, mode: 'straight', within: undefined };

function readPosition(text: string): Position | undefined {
  const [lon = NaN, lat = NaN] = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  return Math.abs(lon) <= 180 && Math.abs(lat) <= 90 ? { lon, lat } : undefined;
}

function writePosition({ lon, lat }: Position): string {
  return `${+lon.toFixed(6)},${+lat.toFixed(6)}`;
}

function readCircle([kind = '', minutes = '', level = '', mode = '', within]: string[]): Circle {
  const time = Number(minutes);
  const depth = Number(level);
  return {
    class: kind || usualCircle.class,
    minutes: time > 0 && time <= 240 ? time : usualCircle.minutes,
    level: depth >= 1 && depth <= 6 ? depth : usualCircle.level,
    mode: mode === 'road' ? 'road' : 'straight',
    within: within || undefined,
  };
}

export function readAct(text = ''): Act {
  const [task, ...rest] = text.split('/');
  if (task === 'area') {
    const area = (rest[0] ?? '').split(';').map(readPosition).filter((one) => one !== undefined);
    return { task, area: area.length >= 3 && area.length <= mostVertices ? area : undefined };
  }
  if (task === 'circle') return { task, circle: readCircle(rest) };
  return { task: 'point', point: readPosition(rest[0] ?? '') };
}

export function writeAct({ task, point, area, circle }: Act): string {
  if (task === 'area') return area && area.length <= mostVertices ? `area/${area.map(writePosition).join(';')}` : 'area';
  if (task === 'circle') {
    const { class: kind, minutes, level, mode, within } = circle ?? usualCircle;
    return ['circle', kind, minutes, level, mode, ...(within ? [within] : [])].join('/');
  }
  return point ? `point/${writePosition(point)}` : 'point';
}
