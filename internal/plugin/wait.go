package plugin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/twinway/twinway/api/v1alpha1"
)

// poll is how often a Gateway is looked at while it is waited for.
const poll = time.Second

// WaitDrained waits until the pods of a Gateway have no clients and take none
// because of a drain, or until clients are served again, whichever is asked for.
//
// Errors: that the context has ended, with what the Gateway last said, and
// whatever reading it comes to.
func (p *Plugin) WaitDrained(ctx context.Context, namespace, name string, drained bool) error {
	for {
		g, err := p.gateway(ctx, namespace, name)
		if err != nil && ctx.Err() == nil {
			return err
		}
		if err == nil && reached(g, drained) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for Gateway %s/%s: %w; it says: %s", namespace, name, context.Cause(ctx), lastWord(g))
		case <-time.After(poll):
		}
	}
}

func reached(g *v1alpha1.Gateway, drained bool) bool {
	draining := meta.FindStatusCondition(g.Status.Conditions, v1alpha1.ConditionDraining)
	holds := draining != nil && draining.Status == metav1.ConditionTrue
	if drained {
		return holds && draining.Reason == v1alpha1.ReasonDrained
	}
	return !holds && meta.IsStatusConditionTrue(g.Status.Conditions, v1alpha1.ConditionAvailable)
}

// lastWord returns what a Gateway says of itself.
func lastWord(g *v1alpha1.Gateway) string {
	if g == nil {
		return "it could not be read"
	}
	return health(g.Status.Conditions, g.Generation, g.Status.ObservedGeneration).String()
}

// ErrTimeout ends a wait that took longer than it may.
var ErrTimeout = errors.New("the timeout is over")
