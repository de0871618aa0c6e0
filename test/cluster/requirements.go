package cluster

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// pluginFolders are where distributions put the plugins of CNI.
var pluginFolders = []string{"/usr/lib/cni", "/opt/cni/bin", "/usr/libexec/cni"}

// namespaceFlags of unshare make the namespaces of the cluster. The death of
// unshare is that of all in them.
var namespaceFlags = []string{
	"--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child", "--mount-proc", "--propagation", "private",
}

// missingForNode returns what the machine lacks to run a real node; nothing when
// it can.
func missingForNode(ctx context.Context) []string {
	var missing []string
	if os.Getuid() != 0 {
		missing = append(missing, "root")
	}
	for _, program := range []string{"containerd", "containerd-shim-runc-v2", "ctr", "runc", "ip", "nft", "iptables", "conntrack", "mount", "sysctl"} {
		if _, err := exec.LookPath(program); err != nil {
			missing = append(missing, program)
		}
	}
	if _, err := pluginFolder(); err != nil {
		missing = append(missing, err.Error())
	}
	if len(missing) > 0 {
		return missing
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "unshare", append(namespaceFlags, "mount", "-t", "tmpfs", "tmpfs", "/mnt")...).CombinedOutput()
	if err != nil {
		missing = append(missing, fmt.Sprintf("namespaces (%s)", strings.TrimSpace(string(out))))
	}
	return missing
}

func pluginFolder() (string, error) {
	for _, folder := range pluginFolders {
		if _, err := os.Stat(filepath.Join(folder, "bridge")); err == nil {
			return folder, nil
		}
	}
	return "", fmt.Errorf("the bridge plugin of CNI")
}
