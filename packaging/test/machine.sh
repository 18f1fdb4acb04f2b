# A Debian with a real init: a directory tree that is booted in a container of its own, on story.sh's network. To be
# sourced after story.sh; needs root, systemd-nspawn and mmdebstrap. A Debian is kept in $cache for the next time.
# shellcheck shell=bash disable=SC2154

suite=bookworm
root=$dir/root

# debian puts one into $root: the smallest there is, and what every installation has besides. ann may use sudo.
debian() {
  [ "$(id -u)" = 0 ] || fail "this needs root: it boots a machine in a container"
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
  rm -f "$root/var/lib/man-db/auto-update" # an index that takes seconds for each package
  echo 'quiet "2"; Dpkg::Use-Pty "0";' >"$root/etc/apt/apt.conf.d/99quiet"
  chroot "$root" useradd --create-home --shell /bin/bash ann
  echo 'ann ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/ann"
}

# What is booted, and is_up and power_off, are systemd's; who boots another init has others.
boots=(--boot)
is_up() { inside systemctl is-system-running --wait; }
power_off() { inside systemctl poweroff; }

boot() {
  local end=$((SECONDS + 60))
  systemd-nspawn --quiet --register=no --keep-unit --machine="pinfold-$$" --directory="$root" --console=pipe \
    --network-namespace-path="/proc/$holder/ns/net" "${boots[@]}" </dev/null >>"$dir/console" 2>&1 &
  nspawn=$!
  until leader=$(pgrep --parent "$nspawn") && is_up >/dev/null 2>&1; do
    if ! jobs -pr | grep -qx "$nspawn" || [ $SECONDS -ge $end ]; then
      fail "systemd-nspawn cannot boot a container here; it needs root, namespaces and a writable /sys/fs/cgroup"
    fi
    sleep 0.1
  done
}

shut_down() {
  power_off
  leader=
  wait "$nspawn"
}

# inside runs a command in the container as root, as_ann a line of shell as the photographer who signs in.
inside() {
  nsenter --target "$leader" --mount --uts --ipc --net --pid --root -- \
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 "$@"
}
as_ann() { inside su --login ann --command "$*"; }
pinfold() { inside runuser --user pinfold -- pinfold "$@"; }

# config_of writes a config for a folder.
config_of() {
  printf 'folders: [{path: %s, settle: 100ms, publish_grace: 100ms}]\npinterest: {api_url: "%s"}\nschedule: {min_gap: 0s}\n' "$1" "$api"
}

# connect_by_hand connects whoever a command runs pinfold as: connect_by_hand COMMAND…
connect_by_hand() {
  echo rehearsal-app-secret >"$root/var/tmp/secret"
  chmod 644 "$root/var/tmp/secret"
  connect_account "$@" connect --paste --client-id 1480000 --client-secret-file /var/tmp/secret
  rm "$root/var/tmp/secret"
}

# drop makes ann put a photo and a sidecar into a folder: drop FOLDER NAME [PHOTO].
drop() {
  local hand=$root/home/ann/hand
  mkdir "$hand"
  pair "$hand" "${@:2}"
  as_ann "cp hand/* '$1/'"
  rm -r "$hand"
}

log_of_service() { inside journalctl --unit pinfold --no-pager --lines 40; }

evidence() {
  [ ! -s "$dir/console" ] || tail -n 20 "$dir/console"
  [ -n "${leader:-}" ] || return 0
  log_of_service
  pinfold status
  pinfold list
}
