import { address } from './api/client';

/** The addresses of the drawings of the map's symbols, by class. */
export const symbols = Object.fromEntries(
  Object.entries(import.meta.glob<string>('../../tiles/sprite/*.svg', { query: '?url', import: 'default', eager: true }))
    .map(([path, url]) => [path.slice(path.lastIndexOf('/') + 1, -'.svg'.length), address(url)]));
