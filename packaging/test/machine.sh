# A Debian with a real systemd: a directory tree that is booted in a container of its own, on story.sh's network. To be
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
  echo 'quiet "2"; Dpkg::Use-Pty "0";' >"$root/etc/apt/apt.conf.d/99quiet"
  chroot "$root" useradd --create-home --shell /bin/bash ann
  echo 'ann ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/ann"
}

boot() {
  systemd-nspawn --quiet --register=no --keep-unit --machine="pinfold-$$" --directory="$root" --boot --console=pipe \
    --network-namespace-path="/proc/$holder/ns/net" </dev/null >>"$dir/console" 2>&1 &
  nspawn=$!
  until leader=$(pgrep --parent "$nspawn"); do
    jobs -pr | grep -qx "$nspawn" ||
      fail "systemd-nspawn cannot boot a container here; it needs root, namespaces and a writable /sys/fs/cgroup. It says: $(tail -n 5 "$dir/console")"
    sleep 0.1
  done
  until_true inside systemctl is-system-running --wait
}

shut_down() {
  inside systemctl poweroff
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

evidence() {
  [ ! -s "$dir/console" ] || tail -n 20 "$dir/console"
  [ -n "${leader:-}" ] || return 0
  inside journalctl --unit pinfold --no-pager --lines 40
  pinfold status
  pinfold list
}
