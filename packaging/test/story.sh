# What the tests of packages have in common: telling, failing, waiting, and the stand-in for Pinterest. To be sourced, with
# $dir set to an empty directory. Whoever sources it says by evidence() what helps to see why it failed, and by pinfold()
# how a command of the installed program is run.
# shellcheck shell=bash disable=SC2034,SC2154

set -eEuo pipefail
arch=$(go env GOARCH)
api=http://127.0.0.1:8080
another=192.0.2.7 # the machine's address for others, which is not the loopback's
source_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

say() { printf '%4d s  %s\n' "$SECONDS" "$*"; }

# fail ends the story.
fail() {
  trap - ERR
  printf 'FAILED: %s\n' "$*"
  evidence || true
  exit 1
}
trap 'fail "$BASH_COMMAND (${BASH_SOURCE[0]##*/}, line $LINENO)"' ERR

# until_true waits for a command to succeed, a minute at most.
until_true() {
  local end=$((SECONDS + 60))
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || fail "waited a minute for: $*"
    sleep 0.2
  done
}

# expect demands a text of what a command prints, whatever its exit code.
expect() {
  local text=$1 out
  shift
  out=$("$@" 2>&1) || true
  [[ $out == *"$text"* ]] || fail "\"$*\" does not say \"$text\" but: $out"
}

# network makes a network of its own, with the stand-in for Pinterest in it; in_network runs a command there.
network() {
  unshare --net sh -c "ip link set lo up && ip address add $another dev lo && touch '$dir/network' && exec sleep infinity" &
  holder=$!
  until_true test -e "$dir/network"
  (exec nsenter --net="/proc/$holder/ns/net" "$dir/standin" serve "${api#http://}") >"$dir/pinned" &
  standin=$!
}
in_network() { nsenter --net="/proc/$holder/ns/net" "$@"; }

# browse asks for an address in that network and prints where it leads to.
browse() { in_network curl -sS --max-time 20 -o /dev/null -w '%{redirect_url}' "$1"; }

# connect_account connects by the terminal, as `connect --paste` has it: connect_account COMMAND…
connect_account() {
  local to=$dir/to from=$dir/from
  rm -f "$to" && mkfifo "$to"
  "$@" <"$to" >"$from" &
  exec 3>"$to"
  until_true grep -q ^http "$from"
  browse "$(grep ^http "$from")" >&3
  echo >&3
  exec 3>&-
  wait $!
}

# has_posted waits until pinfold knows of so many pins, and demands that Pinterest has just as many.
has_posted() {
  until_true posts_are "$1"
  until_true told_of "$1" # the stand-in tells of its pins a little later
  [ "$(wc -l <"$dir/pinned")" -eq "$1" ] || fail "there are not $1 pins: $(cat "$dir/pinned")"
}
told_of() { [ "$(wc -l <"$dir/pinned")" -ge "$1" ]; }
posts_are() { [ "$(pinfold list --state posted --json | jq length)" -eq "$1" ]; }

# pair makes a photo and its sidecar: pair DIRECTORY NAME [PHOTO], by default a new one.
pair() {
  local photo=${3:-}
  if [ -n "$photo" ]; then cp "$photo" "$1/$2.${photo##*.}"; else "$dir/standin" photo "$1/$2.jpg"; fi
  printf 'title: %s\nboard: Landscapes\npublish_at: now\n' "$2" >"$1/$2.yaml"
}

# end leaves nothing running.
end() {
  local pid
  for pid in ${leader:-} ${nspawn:-} ${container:-} ${standin:-} ${holder:-}; do
    kill -KILL "$pid" 2>/dev/null || true
  done
  wait 2>/dev/null || true
}
trap end EXIT
