import type { ask as zh } from '../zh/ask';

export const ask: typeof zh = {
  title: 'Ask',
  hint: 'Click anywhere on the map or enter a coordinate: you see its grid and who is on duty.',
  form: {
    label: 'Find a coordinate',
    placeholder: 'longitude, latitude: 100.2676, 25.6065',
    crs: 'Reference system',
    submit: 'Find',
    missing: 'Enter a longitude and a latitude with a comma or space between, such as 100.2676, 25.6065.',
    number: '“{text}” is not a number. Enter a longitude and a latitude, such as 100.2676, 25.6065.',
    swapped: 'The latitude seems to come first. Write the longitude first: {fixed}',
    range: 'Longitudes run from -180 to 180, latitudes from -90 to 90.',
  },
  result: {
    heading: 'Result',
    close: 'Close the result',
    searching: 'Looking…',
    chain: 'Grids',
    border: 'To the border',
    here: 'Here',
    point: 'Coordinate',
    at: 'As of',
    revision: 'Revision',
    candidates: 'Could also be',
    nearest: 'Nearest grid',
    away: '{distance} away',
  },
};
