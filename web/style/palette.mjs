// The colours of the map, one palette a theme. Tints are near in lightness so that borders, not fills, carry the hierarchy.

export const day = {
  name: 'Gewu day',
  background: '#e4e9ed',
  land: '#f6f4ee',
  tints: ['#f5f0e3', '#ecf1e4', '#f4ebe4', '#e7eff0', '#f2eef3', '#f1f1dd'],
  dedicated: '#c9b8de',
  band: '#b79ab8',
  casing: '#ffffff',
  borders: ['#6d4a71', '#84617f', '#8c7a92', '#7f8da0', '#8d9db0', '#b0bcc9'],
  labels: ['#4f3353', '#5b3d5c', '#43415a', '#3d4d60', '#4a5b6e', '#6b7a8a'],
  halo: 'rgba(255,255,255,0.92)',
  building: { residential: '#dcd3c6', commercial: '#d6cfdd', public: '#d3d9e4', industrial: '#d5d8d1', other: '#d9d5cf' },
  buildingLine: '#b9b0a3',
  facilityRing: '#ffffff',
  facilityLabel: '#33414f',
  facility: {
    education: '#2f74c0', health: '#d2443f', emergency: '#dd6b10', security: '#3c4f9b',
    service: '#7d4fa8', care: '#b4508e', trade: '#a87a12', transport: '#0f8577',
    green: '#4b8b3b', utility: '#5f7182',
  },
  light: { anchor: 'map', color: '#ffffff', intensity: 0.32, position: [1.3, 210, 35] },
};

export const night = {
  name: 'Gewu night',
  background: '#0d1218',
  land: '#18202a',
  tints: ['#1b242f', '#1a2830', '#20242f', '#1a2636', '#22252f', '#1d2a2c'],
  dedicated: '#6c5a92',
  band: '#5d4a74',
  casing: '#0d1218',
  borders: ['#c3a3cf', '#a98db8', '#8583a6', '#62779a', '#4d6280', '#3a4b61'],
  labels: ['#e6d3ec', '#dcc9e4', '#c6cbe2', '#b3c2d6', '#a9bace', '#98a9bb'],
  halo: 'rgba(11,16,22,0.92)',
  building: { residential: '#4c5868', commercial: '#5a5273', public: '#455f7e', industrial: '#4c5954', other: '#4d5764' },
  buildingLine: '#667485',
  facilityRing: '#0d1218',
  facilityLabel: '#d5dfe9',
  facility: {
    education: '#5b9ee6', health: '#f0716b', emergency: '#f59a4a', security: '#8b9dea',
    service: '#b48be0', care: '#e08ac0', trade: '#dcb04a', transport: '#3fbfae',
    green: '#86c274', utility: '#95a8ba',
  },
  light: { anchor: 'map', color: '#dfe8f5', intensity: 0.3, position: [1.3, 210, 35] },
};
