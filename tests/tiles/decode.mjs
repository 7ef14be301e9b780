// Reads tiles with the decoder that map pages use, and says what is in them.
//
// usage: node decode.mjs FILE... : one JSON line a file, {layer: [{id, properties, geometry}]}
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const page = createRequire(new URL("../../web/package.json", import.meta.url));
const { VectorTile } = await import(page.resolve("@mapbox/vector-tile"));
const pbf = await import(page.resolve("pbf"));
const Pbf = pbf.PbfReader ?? pbf.default;

for (const file of process.argv.slice(2)) {
  const tile = new VectorTile(new Pbf(readFileSync(file)));
  const layers = {};
  for (const [name, layer] of Object.entries(tile.layers)) {
    layers[name] = Array.from({ length: layer.length }, (_, at) => {
      const { id, properties, type } = layer.feature(at);
      const geometry = layer.feature(at).loadGeometry().map((ring) => ring.map(({ x, y }) => [x, y]));
      return { id, properties, type, geometry };
    });
  }
  console.log(JSON.stringify(layers));
}
