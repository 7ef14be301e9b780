import { describe, expect, it } from 'vitest';
import { circle, destination } from '../src/map/circle';

/** Metres by the inverse formula of Vincenty (1975), which knows nothing of how the ring was made. */
function metres([lon1, lat1]: [number, number], [lon2, lat2]: [number, number]): number {
  const [a, f] = [6_378_137, 1 / 298.257222101];
  const b = a * (1 - f);
  const radians = Math.PI / 180;
  const [u1, u2] = [lat1, lat2].map((lat) => Math.atan((1 - f) * Math.tan(lat * radians))) as [number, number];
  const difference = (lon2 - lon1) * radians;
  let lambda = difference;
  for (let turn = 0; turn < 100; turn += 1) {
    const sinSigma = Math.hypot(Math.cos(u2) * Math.sin(lambda), Math.cos(u1) * Math.sin(u2) - Math.sin(u1) * Math.cos(u2) * Math.cos(lambda));
    const cosSigma = Math.sin(u1) * Math.sin(u2) + Math.cos(u1) * Math.cos(u2) * Math.cos(lambda);
    const sigma = Math.atan2(sinSigma, cosSigma);
    const sinAlpha = (Math.cos(u1) * Math.cos(u2) * Math.sin(lambda)) / sinSigma;
    const cos2Alpha = 1 - sinAlpha ** 2;
    const cosM = cos2Alpha === 0 ? 0 : cosSigma - (2 * Math.sin(u1) * Math.sin(u2)) / cos2Alpha;
    const c = (f / 16) * cos2Alpha * (4 + f * (4 - 3 * cos2Alpha));
    const next = difference + (1 - c) * f * sinAlpha * (sigma + c * sinSigma * (cosM + c * cosSigma * (2 * cosM ** 2 - 1)));
    if (Math.abs(next - lambda) < 1e-13) {
      const k2 = (cos2Alpha * (a ** 2 - b ** 2)) / b ** 2;
      const big = 1 + (k2 / 16384) * (4096 + k2 * (-768 + k2 * (320 - 175 * k2)));
      const small = (k2 / 1024) * (256 + k2 * (-128 + k2 * (74 - 47 * k2)));
      const delta = small * sinSigma * (cosM + (small / 4) * (cosSigma * (2 * cosM ** 2 - 1) - (small / 6) * cosM * (4 * sinSigma ** 2 - 3) * (4 * cosM ** 2 - 3)));
      return b * big * (sigma - delta);
    }
    lambda = next;
  }
  return NaN;
}

describe('a circle on the ellipsoid', () => {
  it('is everywhere as far from its centre as it should be, by another formula, to a decimetre', () => {
    for (const lat of [3, 25.6065, 53.5]) {
      for (const radius of [500, 1000, 3000]) {
        for (const at of circle({ lon: 100.2676, lat }, radius, 36)) {
          expect(Math.abs(metres([100.2676, lat], at) - radius), `${lat} ${radius}`).toBeLessThan(0.1);
        }
      }
    }
  });

  it('is closed, and begins in the north', () => {
    const ring = circle({ lon: 100, lat: 25 }, 1000);
    expect(ring[0]).toEqual(ring.at(-1));
    expect(destination({ lon: 100, lat: 25 }, 1000, 0).lon).toBeCloseTo(100, 9);
  });
});
