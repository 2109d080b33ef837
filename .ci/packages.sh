#!/usr/bin/env bash
# Install the Debian packages named, if any is missing: packages.sh [--optional] NAME...
# Asks nothing. Without the right to install it prints the line to type and stops;
# with --optional it goes on, because the hall opens without them (only printing needs them).
set -euo pipefail
optional=no
if [[ ${1:-} == --optional ]]; then
    optional=yes
    shift
fi

is_installed() {
    case $1 in
        # Any PostgreSQL server will do; installing another beside it would start a second cluster.
        postgresql) compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null ;;
        *) [[ $(dpkg-query --show --showformat='${db:Status-Abbrev}' "$1" 2>/dev/null) == ?i* ]] ;;
    esac
}

give_up() {
    echo "$1" >&2
    [[ $optional == yes ]] || exit 1
    echo "Going on without; handbooks and slips cannot be printed as PDF." >&2
    exit 0
}

command -v dpkg-query >/dev/null ||
    give_up "Not a Debian system. Install by hand what these packages hold: $*; then add SERVE_PACKAGES= TEST_PACKAGES="

missing=()
for name in "$@"; do
    is_installed "$name" || missing+=("$name")
done
((${#missing[@]})) || exit 0

as_root=()
if ((EUID != 0)); then
    if ! sudo --non-interactive true 2>/dev/null; then
        give_up "Missing packages. Please run:  sudo apt-get install --no-install-recommends ${missing[*]}"
    fi
    as_root=(sudo --non-interactive)
fi
echo "Installing ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q=2 -o Dpkg::Use-Pty=0 "$@" >>"$log" 2>&1
}
# A stale list of some other source must not stop us; a package that is not found will.
apt update || true
if ! apt install --yes --no-install-recommends "${missing[@]}"; then
    cat "$log" >&2
    give_up "apt-get could not install: ${missing[*]}"
fi
