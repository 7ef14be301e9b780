// A page that shows the map by MapLibre, ready to be saved.

import { dependencies } from '../../package.json';

const library = `https://unpkg.com/maplibre-gl@${dependencies['maplibre-gl']}/dist/maplibre-gl`;

/** `server`: its address, with the slash at the end. `needsToken`: must requests say who asks? */
export function snippet(server: string, { lon, lat }: { lon: number; lat: number }, needsToken: boolean): string {
  const caller = needsToken
    ? `
    transformRequest: (url) => (url.startsWith('${server}') ? { url, headers: { Authorization: 'Bearer TOKEN' } } : { url }),`
    : '';
  return `<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<title>格物 Gewu</title>
<link rel="stylesheet" href="${library}.css">
<div id="map" style="position: fixed; inset: 0"></div>
<script type="module">
  import * as maplibregl from '${library}.mjs';

  new maplibregl.Map({
    container: 'map',
    style: '${server}style.json',
    center: [${lon}, ${lat}],
    zoom: 12,${caller}
    localIdeographFontFamily: "'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif",
  });
</script>
</html>
`;
}
