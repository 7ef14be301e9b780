// What each class of facility looks like: its family gives the colour; its symbol is the drawing of its name in `tiles/sprite/`.

export const families = {
  primary_school: 'education',
  middle_school: 'education',
  kindergarten: 'education',
  hospital: 'health',
  clinic: 'health',
  pharmacy: 'health',
  shelter: 'emergency',
  hydrant: 'emergency',
  fire_station: 'emergency',
  police_station: 'security',
  camera: 'security',
  service_station: 'service',
  community_centre: 'service',
  elderly_care: 'care',
  market: 'trade',
  bus_stop: 'transport',
  charging_station: 'transport',
  park: 'green',
  substation: 'utility',
  toilet: 'utility',
};

/** The symbol of a class that is not listed. */
export const otherSymbol = 'other';
