package controllers

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

// ManagerOptions are what the process of the operator has to be told.
type ManagerOptions struct {
	Options
	// WatchNamespaces are the namespaces whose Gateways are looked after. Default:
	// all.
	WatchNamespaces []string
	// MetricsAddress serves metrics over TLS, to those who may read them; "0" for
	// none.
	MetricsAddress string
	// ProbeAddress serves /healthz and /readyz when Run runs the operator; "0" for
	// none.
	ProbeAddress string
}

const (
	// leaseName is that of the lease by which a leader is elected.
	leaseName = "twinway-operator"
	// concurrency is how many objects of a kind are looked at at once.
	concurrency = 8
	// reconciliationTimeout bounds one look at one object.
	reconciliationTimeout = time.Minute
	// shutdownTimeout bounds the end, below the grace period of the pod.
	shutdownTimeout = 20 * time.Second
)

// A leader that is cut off stops after renewDeadline. Others look at the lease every
// one to 2.2 retryPeriods: they see its last renewal that late at most, and take over
// that late at most after leaseDuration, within five seconds in all. One that ends
// gives its lease back at once. The lease is counted in whole seconds. To renew it
// often costs little; to give it up early whenever the API server is slow would cost
// more.
const (
	leaseDuration = 4 * time.Second
	renewDeadline = 3500 * time.Millisecond
	retryPeriod   = 200 * time.Millisecond
)

// ErrDefinitionsMissing says that the cluster does not know Gateways, Connections
// or Subscriptions.
var ErrDefinitionsMissing = errors.New("the cluster does not know the kinds of twinway.dev/v1alpha1; " +
	"install the custom resource definitions: kubectl apply --server-side -k config/crd, or the Helm chart with crds.enabled=true")

// NewManager returns a manager with all controllers, ready to be started with the
// context. It serves no probes: Run does, which outlives a manager.
//
// Errors: options that are missing, an API server that does not answer, and
// ErrDefinitionsMissing.
func NewManager(ctx context.Context, c *rest.Config, o ManagerOptions) (manager.Manager, error) {
	var err error
	if o.Options, err = o.withDefaults(); err != nil {
		return nil, err
	}
	scheme, err := Scheme()
	if err != nil {
		return nil, fmt.Errorf("scheme: %w", err)
	}
	mgr, err := manager.New(connection(c), manager.Options{
		Scheme: scheme,
		Cache:  CacheOptions(o.WatchNamespaces),
		// Content of Secrets and ConfigMaps is never cached by reading it.
		Client:                        client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}, &corev1.ConfigMap{}}}},
		Logger:                        logr.FromSlogHandler(o.Logger.Handler()),
		LeaderElection:                o.LeaderElection,
		LeaderElectionID:              leaseName,
		LeaderElectionNamespace:       o.Namespace,
		LeaderElectionReleaseOnCancel: true,
		LeaseDuration:                 new(leaseDuration),
		RenewDeadline:                 new(renewDeadline),
		RetryPeriod:                   new(retryPeriod),
		Metrics:                       metricsOptions(o.MetricsAddress),
		HealthProbeBindAddress:        noProbes,
		GracefulShutdownTimeout:       new(shutdownTimeout),
		Controller: config.Controller{
			// The names are ours to keep apart. Tests run several managers in a process.
			SkipNameValidation:      new(true),
			MaxConcurrentReconciles: concurrency,
			EnableWarmup:            new(true),
			ReconciliationTimeout:   reconciliationTimeout,
		},
	})
	if err != nil {
		return nil, explained(err)
	}
	if err := Setup(ctx, mgr, o.Options); err != nil {
		return nil, explained(err)
	}
	return mgr, nil
}

// connection says how the operator talks to the API server. It does not limit
// itself: the API server's priority and fairness does that for all clients, and
// knows better how much there is to share.
func connection(c *rest.Config) *rest.Config {
	c = rest.CopyConfig(c)
	c.QPS = -1
	c.UserAgent = "twinway-operator"
	return c
}

func metricsOptions(address string) metricsserver.Options {
	return metricsserver.Options{
		BindAddress:    address,
		SecureServing:  true,
		FilterProvider: newMetricsAccess,
		// HTTP/2 is more than a scrape needs, and has been attacked before.
		TLSOpts: []func(*tls.Config){func(c *tls.Config) { c.NextProtos = []string{"http/1.1"} }},
	}
}

// explained says what to do about errors that have one cause.
func explained(err error) error {
	if meta.IsNoMatchError(err) {
		return fmt.Errorf("%w (%w)", ErrDefinitionsMissing, err)
	}
	return err
}
