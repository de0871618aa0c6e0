package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/internal/plugin"
)

// maxLogLines bounds how much of the end of a log is asked for.
const maxLogLines = 20_000

// clusterFlags say which cluster and namespace a command is about, in the words
// of kubectl.
type clusterFlags struct {
	kubeconfig, context, namespace string
	all                            bool
	timeout                        time.Duration
}

// addClusterFlags defines the flags; -A only for commands that can look
// everywhere.
func addClusterFlags(flags *flag.FlagSet, everywhere bool) *clusterFlags {
	f := new(clusterFlags)
	flags.StringVar(&f.kubeconfig, "kubeconfig", "", "file with clusters and credentials (default: KUBECONFIG, else ~/.kube/config)")
	flags.StringVar(&f.context, "context", "", "the context of the kubeconfig (default: its current one)")
	flags.StringVar(&f.namespace, "n", "", "short for --namespace")
	flags.StringVar(&f.namespace, "namespace", "", "the namespace (default: that of the context)")
	flags.DurationVar(&f.timeout, "request-timeout", 30*time.Second, "how long one request to the cluster may take")
	if everywhere {
		flags.BoolVar(&f.all, "A", false, "short for --all-namespaces")
		flags.BoolVar(&f.all, "all-namespaces", false, "all namespaces")
	}
	return f
}

// cluster is a cluster and the namespace in it that a command is about, empty
// for all.
type cluster struct {
	*plugin.Plugin
	namespace string
	discovery discovery.ServerVersionInterface
}

// open reads the kubeconfig. The cluster is not asked anything yet.
func (f *clusterFlags) open() (*cluster, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = f.kubeconfig
	overrides := &clientcmd.ConfigOverrides{CurrentContext: f.context}
	overrides.Context.Namespace = f.namespace
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, overrides)
	config, err := loader.ClientConfig()
	if err != nil {
		return nil, err
	}
	namespace, _, err := loader.Namespace()
	if err != nil {
		return nil, err
	}
	if f.all {
		namespace = ""
	}
	config.Timeout = f.timeout
	config.UserAgent = pluginName + "/" + version()
	c, err := connect(config)
	if err != nil {
		return nil, err
	}
	c.namespace = namespace
	return c, nil
}

func connect(config *rest.Config) (*cluster, error) {
	scheme, err := plugin.Scheme()
	if err != nil {
		return nil, err
	}
	c, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		return nil, err
	}
	set, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	return &cluster{Plugin: &plugin.Plugin{Client: c, Logs: logsOf(set), Ask: asking(set)}, discovery: set.Discovery()}, nil
}

// logsOf returns how the end of a log is read.
func logsOf(set kubernetes.Interface) func(context.Context, *corev1.Pod, string, bool, int64) (io.ReadCloser, error) {
	return func(ctx context.Context, pod *corev1.Pod, container string, previous bool, limit int64) (io.ReadCloser, error) {
		return set.CoreV1().Pods(pod.Namespace).GetLogs(pod.Name, &corev1.PodLogOptions{
			Container: container, Previous: previous, Timestamps: true,
			TailLines: new(int64(maxLogLines)), LimitBytes: &limit,
		}).Stream(ctx)
	}
}

// asking returns how the admin port of a pod is asked: by way of the API server,
// which needs the right to get pods/proxy.
func asking(set kubernetes.Interface) func(context.Context, *corev1.Pod, string) (io.ReadCloser, error) {
	return func(ctx context.Context, pod *corev1.Pod, path string) (io.ReadCloser, error) {
		port := plugin.AdminPort(pod)
		if port == 0 {
			return nil, errors.New("it has no port that can be asked")
		}
		return set.CoreV1().Pods(pod.Namespace).ProxyGet("http", pod.Name, strconv.Itoa(int(port)), path, nil).Stream(ctx)
	}
}

// pluginArguments parses the flags of a command of the plugin, and at least and
// at most so many other arguments. If ok is false the command ends with the code.
func pluginArguments(flags *flag.FlagSet, args []string, least, most int) (positional []string, code int, ok bool) {
	positional, code, ok = parseMixed(flags, args)
	if ok && (len(positional) < least || len(positional) > most) {
		flags.Usage()
		return nil, exitUsage, false
	}
	return positional, code, ok
}

// outputFlag defines -o, for which json is the only choice.
func outputFlag(flags *flag.FlagSet) *string {
	return flags.String("o", "", "json for programs (default: for people)")
}

// checkOutput refuses other choices.
func checkOutput(output string) error {
	if output != "" && output != "json" {
		return usageError(fmt.Sprintf("-o: %q is not json", output))
	}
	return nil
}
