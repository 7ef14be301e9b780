#!/usr/bin/env bash
# Installs what Gewu needs on Debian or Ubuntu and is missing; with neither root nor sudo, says exactly what to install.
set -euo pipefail

need=()
missing() { need+=("$@"); }

ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing postgresql
ls /usr/share/postgresql/*/extension/postgis.control >/dev/null 2>&1 || missing postgis_extension
command -v pkg-config >/dev/null || missing pkg-config
pkg-config --exists gdal 2>/dev/null || missing libgdal-dev
pkg-config --exists sqlite3 2>/dev/null || missing libsqlite3-dev
command -v ogr2ogr >/dev/null || missing gdal-bin
command -v cc >/dev/null || missing build-essential
# The bindings to GDAL are generated at build time where no prebuilt ones fit the version.
ls /usr/lib/llvm-*/lib/libclang*.so* /usr/lib/*/libclang*.so* >/dev/null 2>&1 || missing libclang-dev
command -v python3 >/dev/null && python3 -m pip --version >/dev/null 2>&1 || missing python3-pip
command -v setpriv >/dev/null || missing util-linux
command -v curl >/dev/null || missing curl
if [ "${GEWU_SETUP_BROWSER:-}" = 1 ]; then
  command -v chromium >/dev/null || command -v chromium-browser >/dev/null || missing chromium
  fc-list :lang=zh 2>/dev/null | grep -q . || missing fontconfig fonts-noto-cjk
fi

for tool in cargo:'Rust 1.95 or newer, from https://rustup.rs' npm:'Node.js 20 or newer with npm'; do
  command -v "${tool%%:*}" >/dev/null || { echo "Missing: ${tool#*:}. Install it and run this again." >&2; exit 3; }
done

[ ${#need[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "Missing: ${need[*]}. This machine has no apt-get: install their equivalents with its package manager." >&2
  exit 3
fi

as_root=()
if [ "$(id -u)" != 0 ]; then
  if command -v sudo >/dev/null && sudo -n true 2>/dev/null || { [ -t 0 ] && command -v sudo >/dev/null; }; then
    as_root=(sudo)
  else
    list=${need[*]/postgis_extension/postgresql-15-postgis-3 (of your PostgreSQL version)}
    echo "Missing packages, and neither root nor sudo to install them. Ask an administrator for:" >&2
    echo "  apt-get install $list" >&2
    exit 3
  fi
fi

echo "Installing: ${need[*]/postgis_extension/postgis}" >&2
# A package of the distribution would start a server of its own that nobody needs: the private cluster is Gewu's.
export DEBIAN_FRONTEND=noninteractive
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get "$@"; }
apt update -qq
packages=()
for package in "${need[@]}"; do
  case $package in
    postgresql)
      version=$(apt-cache depends postgresql | sed -nE 's/.*Depends: postgresql-([0-9]+)$/\1/p' | head -1)
      packages+=("postgresql-$version") ;;
    postgis_extension)
      version=${version:-$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sed -nE 's#.*/postgresql/([0-9]+)/bin#\1#p' | sort -n | tail -1)}
      packages+=("postgresql-$version-postgis-3") ;;
    *) packages+=("$package") ;;
  esac
done
if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
  "${as_root[@]}" mkdir -p /etc/postgresql-common
  echo 'create_main_cluster = false' | "${as_root[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
fi
apt install -y -qq --no-install-recommends -o Dpkg::Options::=--force-confold "${packages[@]}" >/dev/null
echo "Installed: ${packages[*]}" >&2
