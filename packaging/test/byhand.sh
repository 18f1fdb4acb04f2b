# The life of a program that no package has installed: `pinfold service` makes it a service of the machine, of ann, and of a
# machine without systemd. To be sourced after machine.sh.
# shellcheck shell=bash disable=SC2154,SC2034,SC2088,SC2016

# by_hand installs the program and nothing else, on a machine that has forgotten the packages.
by_hand() {
  inside rm -rf /var/lib/pinfold /var/lib/pinfold-keys /etc/pinfold
  inside userdel pinfold
  dpkg-deb --fsys-tarfile "$dir"/dist/*.deb | tar -xO ./usr/bin/pinfold >"$root/usr/local/bin/pinfold"
  chmod 755 "$root/usr/local/bin/pinfold"
}

# config_of writes a config for a folder.
config_of() {
  printf 'folders: [{path: %s, settle: 100ms, publish_grace: 100ms}]\npinterest: {api_url: "%s"}\nschedule: {min_gap: 0s}\n' "$1" "$api"
}

# for_machine lets sudo make a service of the machine, with a folder that the unit's sandbox does not know.
for_machine() {
  local home=$root/home/ann config=/etc/pinfold/config.yaml unit=/etc/systemd/system/pinfold.service
  expect "write it first" inside pinfold service install
  cp "$root/usr/local/bin/pinfold" "$home/pinfold"
  mkdir -p "$root/etc/pinfold" "$root/data/Byhand"
  config_of /data/Byhand >"$root$config"
  chmod 600 "$root$config"
  expect "sudo install /home/ann/pinfold" inside /home/ann/pinfold service install
  expect "sudo chgrp pinfold $config" inside pinfold service install
  inside chgrp pinfold $config
  inside chmod 640 $config
  inside chown ann:pinfold /data/Byhand
  inside chmod 2775 /data/Byhand
  expect "not installed" inside pinfold service status
  inside pinfold service install
  expect "installed already" inside pinfold service install
  expect "is stopped" inside pinfold service status
  [ "$(inside systemctl is-enabled pinfold)" = enabled ] || fail "it does not start with the machine"
  inside pinfold service start
  until_true running
  expect "is running ($unit)" inside pinfold service status
  expect "is running ($unit)" as_ann pinfold service status
  expect "use sudo" as_ann pinfold service stop
  harden
  connect_by_hand pinfold
  drop /data/Byhand byhand
  until_true posts_are 1
  inside pinfold service restart
  until_true running
  inside pinfold service stop
  expect "is stopped" inside pinfold service status
  inside pinfold service uninstall
  [ ! -e "$root$unit" ] || fail "uninstall left the unit"
  [ -z "$(inside find /etc/systemd -name '*pinfold*')" ] || fail "uninstall left something"
  [ -e "$root/var/lib/pinfold/pinfold.db" ] || fail "uninstall took the store"
}

# connect_by_hand connects whoever a command runs pinfold as: connect_by_hand COMMAND…
connect_by_hand() {
  echo rehearsal-app-secret >"$root/var/tmp/secret"
  chmod 644 "$root/var/tmp/secret"
  connect_account "$@" connect --paste --client-id 1480000 --client-secret-file /var/tmp/secret
  rm "$root/var/tmp/secret"
}

anns() { as_ann pinfold "$@"; }

# for_ann lets her make a service of her own, which works without her being there.
for_ann() {
  mkdir -p "$root/home/ann/.config/pinfold"
  config_of '~/Own' >"$root/home/ann/.config/pinfold/config.yaml"
  inside chown -R ann:ann /home/ann/.config
  inside loginctl enable-linger ann
  until_true as_ann 'systemctl --user is-system-running --wait'
  as_ann mkdir Own
  as_ann pinfold service install
  as_ann pinfold service start
  until_true as_ann pinfold health
  expect ".config/systemd/user/pinfold.service" as_ann pinfold service status
  connect_by_hand anns
  drop Own own
  until_true anns_are 1
  drop Own lake "$source_root/watcher/photo/testdata/lake.heic" # decoded inside of what she has of the sandbox
  until_true anns_are 2
  [ -z "$(inside find /home/ann/.local ! -user ann)" ] || fail "files of others in her state"
  as_ann pinfold service uninstall
  expect "not installed" as_ann pinfold service status
  expect '"running": false' as_ann pinfold status --json
}
anns_are() { [ "$(anns list --state posted --json | jq length)" -eq "$1" ]; }

# without_systemd goes into the machine's files while it is off: a kernel, no init, and Debian's scripts for System V.
without_systemd() {
  local inner='mount --rbind "$1" "$1" && cd "$1" && mount -t proc proc proc && mount -t tmpfs tmpfs run &&
    mount --rbind /dev dev && exec chroot . sleep infinity'
  (exec nsenter --net="/proc/$holder/ns/net" unshare --mount --pid --fork --kill-child sh -c "$inner" sh "$root") &
  nspawn=$!
  until_true pgrep --parent "$nspawn"
  leader=$(pgrep --parent "$nspawn")
  until_true inside test -x /usr/local/bin/pinfold # it is in there, and not outside any more
  inside pinfold service install
  expect "is stopped (/etc/init.d/pinfold)" inside pinfold service status
  inside pinfold service start
  until_true pinfold health
  expect "is running" inside pinfold service status
  expect '700 pinfold pinfold' inside stat -c '%a %U %G' /var/lib/pinfold
  expect '640 pinfold pinfold' inside stat -c '%a %U %G' /var/log/pinfold.log
  pair "$root/data/Byhand" sysv
  until_true posts_are 2
  inside pinfold service stop
  expect "is stopped" inside pinfold service status
  inside pinfold service uninstall
  [ -z "$(inside find /etc /run -name '*pinfold*' ! -path '/etc/pinfold*' ! -path '/etc/sub*' ! -path '/etc/cred*')" ] || fail "uninstall left something"
}
