# A Debian with a real systemd, for the tests of packages: a directory tree that is booted in a container of its own,
# with a network of its own in which only the stand-in for Pinterest answers. To be sourced; needs root,
# systemd-nspawn and mmdebstrap. $dir is an empty directory, $cache one in which the Debian is kept for the next time.
# shellcheck shell=bash disable=SC2154

suite=bookworm
arch=$(go env GOARCH)
root=$dir/root
api=http://127.0.0.1:8080
source_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# --- telling and failing ---------------------------------------------------------------------------------------

say() { printf '%4d s  %s\n' "$SECONDS" "$*"; }

# fail ends the journey with what is needed to see why.
fail() {
  trap - ERR
  printf 'FAILED: %s\n' "$*"
  if [ -n "${leader:-}" ]; then
    inside journalctl --unit pinfold --no-pager --lines 40 || true
    inside pinfold status || true
    inside pinfold list || true
  fi
  exit 1
}

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

# --- the machine -----------------------------------------------------------------------------------------------

# debian puts one into $root: the smallest there is, and what every installation has besides. ann may use sudo.
debian() {
  local kept=$cache/debian-$suite-$arch.tar
  if [ ! -s "$kept" ]; then
    mkdir -p "$cache"
    mmdebstrap --quiet --mode=root --variant=minbase --aptopt='Acquire::Retries "3"' \
      --include=systemd,systemd-sysv,dbus,libpam-systemd,sudo,man-db,rpm "$suite" "$kept.new.tar"
    mv "$kept.new.tar" "$kept"
  fi
  mkdir -p "$root"
  tar -xpf "$kept" -C "$root" --numeric-owner
  echo pi >"$root/etc/hostname"
  printf '127.0.0.1 localhost\n127.0.1.1 pi\n' >"$root/etc/hosts"
  ln -sf /usr/share/zoneinfo/Europe/Oslo "$root/etc/localtime"
  echo Europe/Oslo >"$root/etc/timezone"
  echo 'quiet "2"; Dpkg::Use-Pty "0";' >"$root/etc/apt/apt.conf.d/99quiet"
  chroot "$root" useradd --create-home --shell /bin/bash ann
  echo 'ann ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/ann"
}

# network makes the container's network, which outlives reboots, with the stand-in for Pinterest in it.
network() {
  unshare --net sh -c "ip link set lo up && touch '$dir/network' && exec sleep infinity" &
  holder=$!
  until_true test -e "$dir/network"
  nsenter --net="/proc/$holder/ns/net" "$dir/standin" serve "${api#http://}" >"$dir/pins" &
  standin=$!
}

# browse asks for an address in the container's network and prints where it leads to.
browse() { nsenter --net="/proc/$holder/ns/net" curl -sS --max-time 20 -o /dev/null -w '%{redirect_url}' "$1"; }

boot() {
  systemd-nspawn --quiet --register=no --keep-unit --machine="pinfold-$$" --directory="$root" --boot --console=pipe \
    --network-namespace-path="/proc/$holder/ns/net" </dev/null >>"$dir/console" 2>&1 &
  nspawn=$!
  until_true pgrep --parent "$nspawn"
  leader=$(pgrep --parent "$nspawn")
  until_true inside systemctl is-system-running --wait
}

shut_down() {
  inside systemctl poweroff
  leader=
  wait "$nspawn"
}

# inside runs a command in the container as root, as_ann a line of shell as the photographer who signs in.
inside() {
  nsenter --target "$leader" --mount --uts --ipc --net --pid -- \
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 "$@"
}
as_ann() { inside su --login ann --command "$*"; }

# end leaves nothing running.
end() {
  local pid
  for pid in ${nspawn:-} ${standin:-} ${holder:-}; do
    kill -KILL "$pid" 2>/dev/null || true
  done
  wait 2>/dev/null || true
}
trap 'fail "$BASH_COMMAND (line $LINENO of ${BASH_SOURCE[0]})"' ERR
trap end EXIT
set -E
