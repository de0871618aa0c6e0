package controllers

import (
	"errors"
	"log/slog"
	"time"
)

// DefaultResync is how often every Gateway is looked at although nothing seems
// to have happened.
const DefaultResync = 10 * time.Minute

// Options are what the reconcilers have to be told.
type Options struct {
	// Namespace is the operator's own. Its pods alone reach the management ports,
	// and the certificate authority is kept in it. Required.
	Namespace string
	// Image is run by Gateways that name none. Required.
	Image string
	// LeaderElection has several operators agree on the one that acts, by a lease
	// in Namespace. Only with it is a Gateway taken over from an operator of another
	// namespace that has gone.
	LeaderElection bool
	// Logger receives what the connections to pods have to say. Default:
	// slog.Default().
	Logger *slog.Logger
	// Resync is how often every Gateway is looked at, give or take a tenth.
	// Default: DefaultResync.
	Resync time.Duration
}

func (o Options) withDefaults() (Options, error) {
	if o.Namespace == "" {
		return o, errors.New("the namespace of the operator is required")
	}
	if o.Image == "" {
		return o, errors.New("the image of gateways is required")
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Resync <= 0 {
		o.Resync = DefaultResync
	}
	return o, nil
}

// operatorLabels are the labels of the operator's pods.
func operatorLabels() map[string]string {
	return map[string]string{
		"app.kubernetes.io/name":      "twinway",
		"app.kubernetes.io/component": "operator",
	}
}
