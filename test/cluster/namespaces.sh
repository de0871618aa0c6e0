# Runs a command in a network of its own: namespaces.sh FOLDER COMMAND...
# This shell is the first process of new namespaces; it reaps what is orphaned in
# them, and with its end everything in them ends.
set -euo pipefail
folder=$1
shift

hostname node
ip link set lo up
ip link add eth0 type veth peer name outside
ip address add 10.200.0.1/24 dev eth0
ip link set eth0 up
ip link set outside up
ip route add default via 10.200.0.2 dev eth0 # leads nowhere, and has to exist
sysctl -qw net.ipv4.ip_forward=1

# A kubelet writes these for the whole machine; here it finds files that say what
# it wants to write.
pretend() {
	echo "$2" >"$folder/sysctl-${1//\//-}"
	mount --bind "$folder/sysctl-${1//\//-}" "/proc/sys/$1"
}
pretend vm/overcommit_memory 1
pretend vm/panic_on_oom 0
pretend kernel/panic 10
pretend kernel/panic_on_oops 1

# What the node's programs write goes below the folder.
for path in /run /var/lib /var/log; do
	mkdir -p "$folder$path"
	mount --bind "$folder$path" "$path"
done
mkdir -p /var/lib/kubelet /run/netns
for path in /var/lib/kubelet /run/netns; do
	mount --bind "$path" "$path"
	mount --make-rshared "$path"
done

"$@"
