// What each class of facility looks like: its family gives the colour, its mark is the one character drawn on it.

export const classes = {
  primary_school: { family: 'education', mark: '小' },
  middle_school: { family: 'education', mark: '中' },
  kindergarten: { family: 'education', mark: '幼' },
  hospital: { family: 'health', mark: '医' },
  clinic: { family: 'health', mark: '诊' },
  pharmacy: { family: 'health', mark: '药' },
  shelter: { family: 'emergency', mark: '避' },
  hydrant: { family: 'emergency', mark: '栓' },
  fire_station: { family: 'emergency', mark: '消' },
  police_station: { family: 'security', mark: '警' },
  camera: { family: 'security', mark: '视' },
  service_station: { family: 'service', mark: '站' },
  community_centre: { family: 'service', mark: '社' },
  elderly_care: { family: 'care', mark: '老' },
  market: { family: 'trade', mark: '市' },
  bus_stop: { family: 'transport', mark: '公' },
  charging_station: { family: 'transport', mark: '充' },
  park: { family: 'green', mark: '园' },
  substation: { family: 'utility', mark: '电' },
  toilet: { family: 'utility', mark: '卫' },
};

/** The mark of a class that is not listed. */
export const otherMark = '设';
