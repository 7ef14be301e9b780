// Tianditu (天地图) below everything: a picture and its labels, by WMTS in Web Mercator. Only where the operator has a key.

const servers = [0, 1, 2, 3, 4, 5, 6, 7];

function tiles(layer) {
  const query = `SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=${layer}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles`;
  const place = 'TILEMATRIX={z}&TILEROW={y}&TILECOL={x}';
  return servers.map((n) => `https://t${n}.tianditu.gov.cn/${layer}_w/wmts?${query}&${place}&tk={tianditu_key}`);
}

/** The matrices of `w` that Tianditu names are 1 to 18. */
function source(layer) {
  return {
    type: 'raster', tiles: tiles(layer), tileSize: 256, minzoom: 1, maxzoom: 18,
    attribution: '底图 天地图 Tianditu · 国家地理信息公共服务平台',
  };
}

export function baseSources() {
  return { 'tianditu-picture': source('{tianditu_picture}'), 'tianditu-labels': source('{tianditu_labels}') };
}

/** The layers, toned so that the grids stay what is looked at. */
export function baseLayers(palette) {
  return ['tianditu-picture', 'tianditu-labels'].map((id) => ({
    id, type: 'raster', source: id, metadata: { 'gewu:group': 'base' }, paint: palette.base,
  }));
}
