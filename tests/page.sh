#!/usr/bin/env bash
# Starts the demo on a free port with a data directory of its own, a second server on the same data with a key of Tianditu (which
# nobody asks: the browser answers in its place), bakes tiles of these data, and runs the browser's tests against all of it.
set -euo pipefail
cd "$(dirname "$0")/.."
# With a test beside it the program has the features that the tests gave its dependencies, and is the one that they built: alone, it and half of what
# it depends on would be compiled once more.
cargo build --quiet --bin gewu --test saved
data=${GEWU_TEST_DATA:-$(mktemp -d)}
# Where root runs this the database has a user of its own, who must get to its data: a test finds its socket there.
chmod 711 "$data"
servers=()
stop() {
  # The one that began the database last.
  for ((i = ${#servers[@]} - 1; i >= 0; i--)); do
    kill -INT "${servers[i]}" 2>/dev/null || true
    wait "${servers[i]}" 2>/dev/null || true
  done
  [ -n "${GEWU_TEST_DATA:-}" ] || rm -rf "$data"
}
trap stop EXIT

# start VERB OPTION...: runs a server and sets `url` when it is ready.
start() {
  local port log=$data/server-${#servers[@]}.log
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  target/debug/gewu "$@" --data-dir "$data" --listen "127.0.0.1:$port" >"$log" 2>&1 &
  servers+=($!)
  url=http://127.0.0.1:$port
  for _ in $(seq 1 180); do
    curl -fs "$url/readyz" >/dev/null && return
    kill -0 "${servers[-1]}" || { cat "$log" >&2; exit 1; }
    sleep 1
  done
}
start demo
export GEWU_URL=$url
start serve --tianditu-key 0a1b2c3d4e5f
export GEWU_TIANDITU_URL=$url
export GEWU_BAKED=$data/baked.pmtiles
target/debug/gewu bake --data-dir "$data" --zoom 0-12 --out "$GEWU_BAKED"
node --test --test-concurrency=1 --test-reporter=tap web/e2e/
# A server of its own on the same data, and a provider of tokens.
GEWU_PROGRAM=target/debug/gewu GEWU_LOGIN_DATA=$data node --test --test-reporter=tap web/e2e/login.test.mjs web/e2e/docs-key.test.mjs
# Last, since they change the data.
GEWU_PROGRAM=target/debug/gewu GEWU_EDITED=$data node --test --test-concurrency=1 --test-reporter=tap web/e2e/roads.test.mjs web/e2e/live.test.mjs
