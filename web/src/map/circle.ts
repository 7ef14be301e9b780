// A circle on the ellipsoid, as a ring of positions.

import type { Position } from '../api/contract';

/** CGCS2000; WGS84 differs by less than a millimetre. */
const semimajor = 6_378_137;
const flattening = 1 / 298.257222101;
const eccentricity2 = flattening * (2 - flattening);
const radians = Math.PI / 180;

/** The radius of curvature of the ellipsoid at a latitude, in an azimuth (Euler), in metres. */
function curvature(latitude: number, azimuth: number): number {
  const w2 = 1 - eccentricity2 * Math.sin(latitude) ** 2;
  const meridional = (semimajor * (1 - eccentricity2)) / w2 ** 1.5;
  const vertical = semimajor / Math.sqrt(w2);
  return 1 / (Math.cos(azimuth) ** 2 / meridional + Math.sin(azimuth) ** 2 / vertical);
}

/**
 * The position at a distance (metres, up to some 20 km) in an azimuth (degrees from north): along the sphere that fits the ellipsoid there,
 * with latitudes stretched to the meridian. Off by less than a decimetre at 3 km.
 */
export function destination({ lon, lat }: Position, metres: number, azimuth: number): Position {
  const [latitude, bearing] = [lat * radians, azimuth * radians];
  const along = metres / curvature(latitude, bearing);
  const reached = Math.asin(Math.sin(latitude) * Math.cos(along) + Math.cos(latitude) * Math.sin(along) * Math.cos(bearing));
  const turned = Math.atan2(Math.sin(bearing) * Math.sin(along) * Math.cos(latitude), Math.cos(along) - Math.sin(latitude) * Math.sin(reached));
  // Degrees of latitude and of longitude are as long as the ellipsoid has them, not the sphere.
  const north = ((reached - latitude) * curvature(latitude, bearing)) / curvature((latitude + reached) / 2, 0);
  const east = (turned * curvature(latitude, bearing)) / curvature((latitude + reached) / 2, Math.PI / 2);
  return { lon: lon + east / radians, lat: lat + north / radians };
}

/** The ring of positions at a distance, closed, with so many edges. */
export function circle(centre: Position, metres: number, steps = 96): [number, number][] {
  return Array.from({ length: steps + 1 }, (_, step) => {
    const { lon, lat } = destination(centre, metres, ((step % steps) * 360) / steps);
    return [lon, lat];
  });
}
