package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/go-logr/logr"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/twinway/twinway/controllers"
)

// operatorFlags are the command line of the operator.
type operatorFlags struct {
	options    controllers.ManagerOptions
	kubeconfig string
}

// parseOperator parses the command line. If ok is false the command ends with
// the code.
func parseOperator(args []string, errs io.Writer) (f operatorFlags, code int, ok bool) {
	flags := newFlags("operator", "operator [flags]", errs)
	o := &f.options
	flags.StringVar(&o.Namespace, "namespace", os.Getenv("POD_NAMESPACE"), "namespace of the operator (default: $POD_NAMESPACE)")
	flags.StringVar(&o.Image, "gateway-image", os.Getenv("TWINWAY_IMAGE"), "image of Gateways that name none (default: $TWINWAY_IMAGE)")
	namespaces := flags.String("watch-namespaces", "", "namespaces whose Gateways are looked after, with commas between them (default: all)")
	flags.BoolVar(&o.LeaderElection, "leader-elect", false, "have several operators agree on the one that acts")
	flags.StringVar(&o.MetricsAddress, "metrics-address", ":8443", "address for /metrics, over TLS and with authentication; 0 for none")
	flags.StringVar(&o.ProbeAddress, "probe-address", ":8081", "address for /healthz and /readyz; 0 for none")
	flags.StringVar(&f.kubeconfig, "kubeconfig", "", "file that says how to reach the API server (default: $KUBECONFIG, or as a pod does)")
	format := flags.String("log-format", "text", "text or json")
	level := flags.String("log-level", "info", "debug, info, warn or error")
	if code, ok := parse(flags, args); !ok {
		return f, code, false
	}
	var err error
	o.Logger, err = newLogger(*format, *level, errs)
	if err == nil {
		o.WatchNamespaces, err = splitNamespaces(*namespaces)
	}
	if err == nil {
		err = f.check(flags.NArg())
	}
	if err != nil {
		fmt.Fprintln(errs, "twinway:", err)
		flags.Usage()
		return f, exitUsage, false
	}
	return f, exitOK, true
}

// check says what is wrong with the flags.
func (f operatorFlags) check(more int) error {
	switch {
	case more > 0:
		return errors.New("operator takes nothing but flags")
	case f.options.Namespace == "":
		return errors.New("--namespace is required, or POD_NAMESPACE in the environment")
	case f.options.Image == "":
		return errors.New("--gateway-image is required, or TWINWAY_IMAGE in the environment")
	}
	return nil
}

func splitNamespaces(list string) ([]string, error) {
	if list == "" {
		return nil, nil
	}
	names := strings.Split(list, ",")
	for _, name := range names {
		if strings.TrimSpace(name) != name || name == "" {
			return nil, fmt.Errorf("--watch-namespaces: %q is no list of namespaces", list)
		}
	}
	return names, nil
}

func runOperator(args []string, errs io.Writer) int {
	f, code, ok := parseOperator(args, errs)
	if !ok {
		return code
	}
	logger := f.options.Logger
	log.SetLogger(logr.FromSlogHandler(logger.Handler()))
	klog.SetSlogLogger(logger)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second signal ends the process on the spot.
	context.AfterFunc(ctx, stop)
	if err := f.run(ctx); err != nil {
		fmt.Fprintln(errs, "twinway:", err)
		return exitFailed
	}
	logger.Info("stopped")
	return exitOK
}

// run runs the operator until the context ends.
func (f operatorFlags) run(ctx context.Context) error {
	config, err := f.config()
	if err != nil {
		return err
	}
	f.options.Logger.Info("the operator starts", "version", version(), "namespaces", f.options.WatchNamespaces, "image", f.options.Image)
	return controllers.Run(ctx, config, f.options)
}

// config returns how to reach the API server.
func (f operatorFlags) config() (*rest.Config, error) {
	if f.kubeconfig == "" && os.Getenv("KUBECONFIG") == "" {
		config, err := rest.InClusterConfig()
		if err != nil {
			return nil, fmt.Errorf("reach the API server: %w; outside of a pod, --kubeconfig FILE says how", err)
		}
		return config, nil
	}
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = f.kubeconfig
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, nil).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("reach the API server: %w", err)
	}
	return config, nil
}
