#!/usr/bin/env bash
# Starts the demo on a free port with a data directory of its own, and runs the browser's tests against it.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --quiet
data=${GEWU_TEST_DATA:-$(mktemp -d)}
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
target/debug/gewu demo --data-dir "$data" --listen "127.0.0.1:$port" >"$data/server.log" 2>&1 &
server=$!
stop() {
  kill -INT "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  [ -n "${GEWU_TEST_DATA:-}" ] || rm -rf "$data"
}
trap stop EXIT
for _ in $(seq 1 180); do
  curl -fs "http://127.0.0.1:$port/readyz" >/dev/null && break
  kill -0 "$server" || { cat "$data/server.log" >&2; exit 1; }
  sleep 1
done
GEWU_URL="http://127.0.0.1:$port" node --test --test-reporter=tap web/e2e/
