package cluster

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/template"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/twinway/twinway/test/controlplane"
	"github.com/twinway/twinway/test/process"
)

// nodeName and nodeAddress are those in namespaces.sh.
const nodeName = "node"

var nodeAddress = netip.MustParseAddr("10.200.0.1")

// nodeTimeout is a guard against hanging.
const nodeTimeout = 2 * time.Minute

// node is the machine of the cluster, for as long as its namespaces are there.
type node struct {
	cluster *Cluster
	dir     string // below it is everything
	cgroup  string
}

// start runs the node's programs and returns when it is ready.
func (n *node) start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, nodeTimeout)
	defer cancel()
	if err := n.startContainerd(ctx); err != nil {
		return fmt.Errorf("containerd: %w", err)
	}
	if err := n.importImages(ctx); err != nil {
		return fmt.Errorf("import images: %w", err)
	}
	if err := n.startKubelet(); err != nil {
		return fmt.Errorf("kubelet: %w", err)
	}
	if err := n.startProxy(); err != nil {
		return fmt.Errorf("kube-proxy: %w", err)
	}
	return n.awaitReady(ctx)
}

//go:embed containerd.toml
var containerdConfig string

//go:embed network.conflist
var networkConfig string

func (n *node) startContainerd(ctx context.Context) error {
	plugins, err := pluginFolder()
	if err != nil {
		return err
	}
	runc, err := exec.LookPath("runc")
	if err != nil {
		return err
	}
	version, err := exec.CommandContext(ctx, "containerd", "--version").Output()
	if err != nil {
		return err
	}
	network := filepath.Join(n.dir, "cni")
	if err := os.MkdirAll(network, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(network, "10-bridge.conflist"), []byte(networkConfig), 0o600); err != nil {
		return err
	}
	config, err := n.write("containerd.toml", containerdConfig, map[string]any{
		"Root": filepath.Join(n.dir, "containerd"), "Runc": runc, "Plugins": plugins, "Network": network, "Pause": pauseImage,
		// The sections have other names since version 2.
		"One": strings.Contains(string(version), " 1.") || strings.Contains(string(version), " v1."),
	})
	if err != nil {
		return err
	}
	containerd, err := exec.LookPath("containerd")
	if err != nil {
		return err
	}
	p, err := n.run(containerd, "--config", config)
	if err != nil {
		return err
	}
	return await(ctx, p, func() error { return exec.CommandContext(ctx, "ctr", "version").Run() })
}

func (n *node) importImages(ctx context.Context) error {
	archives, err := filepath.Glob(filepath.Join(n.dir, "images", "*.tar"))
	if err != nil {
		return err
	}
	for _, archive := range archives {
		command := exec.CommandContext(ctx, "ctr", "--namespace", "k8s.io", "images", "import", "--snapshotter", "native", archive)
		if out, err := command.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", archive, err, out)
		}
	}
	return nil
}

//go:embed kubelet.yaml
var kubeletConfig string

func (n *node) startKubelet() error {
	kubeconfig, err := n.cluster.plane.Kubeconfig("system:node:"+nodeName, "system:nodes")
	if err != nil {
		return err
	}
	certificate, key, err := n.cluster.plane.ServerCertificate(nodeName, nodeAddress)
	if err != nil {
		return err
	}
	// The cluster has no name service: nothing in it looks up names.
	resolver, err := n.write("resolv.conf", "nameserver 10.96.0.10\n", nil)
	if err != nil {
		return err
	}
	config, err := n.write("kubelet.yaml", kubeletConfig, map[string]any{
		"Address": nodeAddress, "Certificate": certificate, "Key": key, "Authority": n.cluster.plane.ClientAuthority(),
		"Cgroup": n.cgroup, "Resolver": resolver,
	})
	if err != nil {
		return err
	}
	_, err = n.run(n.cluster.programs.Path("kubelet"), "--config="+config, "--kubeconfig="+kubeconfig,
		"--hostname-override="+nodeName, "--node-ip="+nodeAddress.String())
	return err
}

func (n *node) startProxy() error {
	kubeconfig, err := n.cluster.plane.Kubeconfig("system:kube-proxy")
	if err != nil {
		return err
	}
	_, err = n.run(n.cluster.programs.Path("kube-proxy"), "--kubeconfig="+kubeconfig, "--hostname-override="+nodeName,
		"--proxy-mode=nftables", "--cluster-cidr="+controlplane.PodRange, "--bind-address="+nodeAddress.String(),
		"--conntrack-max-per-core=0")
	return err
}

// awaitReady returns when the node takes pods.
func (n *node) awaitReady(ctx context.Context) error {
	client, err := kubernetes.NewForConfig(n.cluster.Config)
	if err != nil {
		return err
	}
	return await(ctx, nil, func() error {
		object, err := client.CoreV1().Nodes().Get(ctx, nodeName, metav1.GetOptions{})
		if err != nil {
			return err
		}
		for _, c := range object.Status.Conditions {
			if c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue {
				return nil
			}
		}
		return errors.New("the node is not ready")
	})
}

// write fills in a template and writes it below the folder.
func (n *node) write(name, text string, values any) (string, error) {
	parsed, err := template.New(name).Option("missingkey=error").Parse(text)
	if err != nil {
		return "", err
	}
	path := filepath.Join(n.dir, name)
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	if err := parsed.Execute(f, values); err != nil {
		_ = f.Close()
		return "", err
	}
	return path, f.Close()
}

// run starts a program that ends with the namespaces.
func (n *node) run(program string, args ...string) (*process.Process, error) {
	log, err := os.Create(filepath.Join(n.cluster.plane.Logs(), filepath.Base(program)+".log"))
	if err != nil {
		return nil, err
	}
	return process.Start(process.Command{Path: program, Args: args, Dir: n.dir, Output: log})
}

// await polls until ready returns no error, and gives up when ctx or the process,
// which may be nil, ends.
func await(ctx context.Context, p *process.Process, ready func() error) error {
	var ended <-chan struct{}
	if p != nil {
		ended = p.Done()
	}
	for {
		err := ready()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-ended:
			return fmt.Errorf("it ended: %s", p.State())
		case <-time.After(50 * time.Millisecond):
		}
	}
}
