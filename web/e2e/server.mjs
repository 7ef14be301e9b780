// What the tests ask of the running server themselves.

import assert from 'node:assert/strict';

export const server = process.env.GEWU_URL;
/** The reason to skip what needs a server. */
export const skip = !server && 'GEWU_URL is not set';

export async function json(path) {
  const response = await fetch(new URL(path, server));
  assert.equal(response.status, 200, path);
  return response.json();
}

/** A staffed leaf near the middle of the territory, well inside it, so that the tests do not depend on one region. */
export async function somewhere(bounds) {
  const [west, south, east, north] = bounds;
  for (let step = 0; step < 60; step += 1) {
    // Points on a spiral from the centre: the centre itself may lie in no grid.
    const reach = step / 120;
    const lon = (west + east) / 2 + Math.cos(step * 2.4) * reach * (east - west);
    const lat = (south + north) / 2 + Math.sin(step * 2.4) * reach * (north - south);
    const answer = await json(`/v1/resolve?lon=${lon}&lat=${lat}&crs=cgcs2000`);
    const clear = answer.status === 'inside' && answer.border_m > 20;
    if (clear && answer.responsible[0]?.phone) return answer;
  }
  return assert.fail('no staffed grid was found near the middle of the territory');
}
