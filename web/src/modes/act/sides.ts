// What must be protected in an incident, and what can help: classes of facilities, the most pressing first.

export const protectedClasses = ['kindergarten', 'primary_school', 'middle_school', 'elderly_care', 'hospital', 'market', 'substation', 'charging_station'];
export const helpingClasses = ['fire_station', 'hydrant', 'hospital', 'clinic', 'pharmacy', 'shelter', 'police_station', 'service_station', 'community_centre'];

export type SideOf = 'protect' | 'help';

export const sides: Record<SideOf, readonly string[]> = { protect: protectedClasses, help: helpingClasses };

/** How a thing is drawn: a hospital must be protected first of all. */
export function drawnAs(kind: string): SideOf | 'other' {
  if (protectedClasses.includes(kind)) return 'protect';
  return helpingClasses.includes(kind) ? 'help' : 'other';
}
