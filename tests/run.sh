#!/usr/bin/env bash
# Runs every test, the fast ones first, and ends with a summary that a person can read. Called by `make test`.
set -uo pipefail
cd "$(dirname "$0")/.."
export GEWU_SETUP_BROWSER=1 NO_COLOR=1
deploy/setup.sh || exit 3

log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
passed=0 failed=0 broken=()
started=$SECONDS

# run NAME COMMAND...: one stage; counts the tests in its output.
run() {
  local name=$1 began=$SECONDS out="$log/${1// /_}"
  shift
  printf '\n== %s\n' "$name"
  if "$@" 2>&1 | tee "$out"; then :; else broken+=("$name"); fi
  local p f
  p=$(sed -nE 's/^test result: .* ([0-9]+) passed.*/\1/p; s/^# pass ([0-9]+)$/\1/p; s/^ *Tests .*[ |]([0-9]+) passed.*/\1/p' "$out" | awk '{ n += $1 } END { print n + 0 }')
  f=$(sed -nE 's/^test result: .* ([0-9]+) failed.*/\1/p; s/^# fail ([0-9]+)$/\1/p; s/^ *Tests .*[ |]([0-9]+) failed.*/\1/p' "$out" | awk '{ n += $1 } END { print n + 0 }')
  [ "${p:-0}" = 0 ] && [ "${f:-0}" = 0 ] && broken+=("$name ran no test")
  passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0}))
  lines+=("$(printf '%-34s %5s passed %5s failed %5ss' "$name" "${p:-0}" "${f:-0}" $((SECONDS - began)))")
}
lines=()

run 'unit and property tests' cargo test --lib --quiet
run 'the page: types, units, style' npm --prefix web test
# All of them at once, which keeps every core at work; the stages find them built.
began=$SECONDS
cargo test --quiet --no-run --test '*' || broken+=('building the integration tests')
lines+=("$(printf '%-64s %5ss' 'building the integration tests' $((SECONDS - began)))")
for file in tests/*.rs; do
  name=$(basename "$file" .rs)
  run "integration: $name" cargo test --quiet --test "$name"
done
run 'the page in a browser' tests/page.sh

printf '\n== Summary (%ss)\n' $((SECONDS - started))
printf '%s\n' "${lines[@]}"
for stage in "${broken[@]}"; do echo "FAILED: $stage"; done
[ "$failed" -eq 0 ] && failed=${#broken[@]}
echo "$passed passed, $failed failed"
[ ${#broken[@]} -eq 0 ] && [ "$failed" -eq 0 ]
