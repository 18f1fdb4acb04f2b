# The life of a program that no package has installed: `pinfold service` makes it a service of the machine, and of ann. To be
# sourced after machine.sh.
# shellcheck shell=bash disable=SC2154,SC2034,SC2088,SC2016

# by_hand installs the program and nothing else, on a machine that has forgotten the packages.
by_hand() {
  inside rm -rf /var/lib/pinfold /var/lib/pinfold-keys /etc/pinfold
  inside userdel pinfold
  dpkg-deb --fsys-tarfile "$dir"/dist/*.deb | tar -xO ./usr/bin/pinfold >"$root/usr/local/bin/pinfold"
  chmod 755 "$root/usr/local/bin/pinfold"
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
