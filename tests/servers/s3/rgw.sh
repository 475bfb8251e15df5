#!/bin/bash
# One monitor, one object store and one S3 gateway of Ceph, inside the unpacked packages: started by ../start-s3.ts as the first
# process of a process namespace of its own, so that the end of this script is the end of all of them.
# Reads commands from stdin: each line "start" starts the gateway anew; the end of stdin ends everything.
# usage: rgw.sh S3_PORT MONITOR_PORT ACCESS_KEY SECRET_KEY memstore|bluestore
set -e
port=$1 monitor=$2 access=$3 secret=$4 store=$5
D=/srv
mkdir -p $D/{mon,osd,rgw,run,log}
cat > $D/ceph.conf <<C
[global]
fsid = $(cat /proc/sys/kernel/random/uuid)
mon host = v2:127.0.0.1:$monitor
mon initial members = a
public network = 127.0.0.0/8
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
auth allow insecure global id reclaim = true
keyring = $D/keyring
run dir = $D/run
admin socket =
log file = $D/log/\$name.log
log to stderr = false
ms bind ipv6 = false
debug ms = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon warn on pool no redundancy = false
mon max pg per osd = 1000
[mon]
paxos propose interval = 0.05
paxos min wait = 0.01
mon data = $D/mon
[osd]
osd data = $D/osd
osd objectstore = $store
bluestore block size = 8589934592
bluestore block create = true
bluestore fsck on mount = false
memstore device bytes = 8589934592
osd memory target = 939524096
osd class load list = *
osd class default list = *
[client.rgw.a]
rgw data = $D/rgw
rgw frontends = beast endpoint=127.0.0.1:$port tcp_nodelay=1
rgw dns name = 127.0.0.1
rgw thread pool size = 32
rgw enable usage log = false
rgw run sync thread = false
rgw crypt require ssl = false
C
export CEPH_CONF=$D/ceph.conf
key() { ceph-authtool "$@" >/dev/null; }
key --create-keyring $D/keyring --gen-key -n mon. --cap mon 'allow *'
for name in client.admin client.rgw.a; do
  key $D/keyring --gen-key -n $name --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
done
key $D/keyring --gen-key -n osd.0 --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
fsid=$(sed -n 's/^fsid = //p' $D/ceph.conf)
monmaptool --create --clobber --fsid "$fsid" --addv a "[v2:127.0.0.1:$monitor]" $D/monmap >/dev/null
ceph-mon --mkfs -i a --monmap $D/monmap --keyring $D/keyring
ceph-mon -f -i a &
osd=$(cat /proc/sys/kernel/random/uuid)
timeout 30 ceph osd new "$osd" >/dev/null
ceph-osd -i 0 --mkfs --osd-uuid "$osd" 2>>$D/log/mkfs
ceph-osd -f -i 0 &
timeout 30 ceph osd crush add osd.0 1.0 host=h root=default >/dev/null 2>&1 || true
timeout 60 radosgw-admin user create --uid=weft --display-name=weft --access-key="$access" --secret-key="$secret" >/dev/null
radosgw -f -n client.rgw.a &
while read -r command; do
  if [ "$command" = start ]; then radosgw -f -n client.rgw.a & fi
done
