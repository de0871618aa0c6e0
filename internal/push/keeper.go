package push

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/twinway/twinway/internal/management"
)

// keeper keeps one pod. Its run owns everything below.
type keeper struct {
	gateway *gateway // id and order only
	pod     Pod
	options *Options
	dialer  *dialer
	shares  *shares
	changed func()
	log     *slog.Logger

	stop context.CancelFunc      // guarded by Fleet.mu; nil before it runs
	view atomic.Pointer[PodView] // written by run only

	connection *connection        // nil if there is none
	status     *management.Status // nil if it has to be asked for
	polled     time.Time          // when the last poll was answered
	unloaded   string             // why the snapshot that the pod lacks was not loaded; empty if it was, or lacks none
}

func newKeeper(g *gateway, pod Pod, f *Fleet) *keeper {
	k := &keeper{
		gateway: g, pod: pod, options: &f.options, dialer: f.dialer, shares: f.shares,
		changed: func() { f.changes.mark(g.id) },
		log:     f.options.Logger.With("gateway", g.id.String(), "pod", pod.Name),
	}
	k.view.Store(&PodView{Pod: pod})
	return k
}

// run keeps the pod until ctx ends.
func (k *keeper) run(ctx context.Context) {
	defer k.disconnect()
	backoff := backoff{least: k.options.MinBackoff, most: k.options.MaxBackoff}
	for ctx.Err() == nil {
		err := k.round(ctx)
		if err == nil {
			backoff.reset()
			continue
		}
		if ctx.Err() != nil {
			return
		}
		k.disconnect()
		k.status = nil
		order := k.gateway.order.Load()
		k.failed(err)
		order.pause(ctx, backoff.next())
	}
}

// round brings the pod in line with the order, and returns when it is time for
// the next one.
func (k *keeper) round(ctx context.Context) error {
	if err := k.connect(ctx); err != nil {
		return err
	}
	order := k.gateway.order.Load()
	if err := k.refresh(ctx); err != nil {
		return err
	}
	if err := k.drain(ctx, order); err != nil {
		return err
	}
	if err := k.send(ctx, order); err != nil {
		return err
	}
	return k.poll(ctx, order)
}

func (k *keeper) connect(ctx context.Context) error {
	if k.connection != nil && k.connection.spent() {
		k.disconnect()
	}
	if k.connection != nil {
		return nil
	}
	made, err := k.dialer.dial(ctx, k.gateway.id, k.pod.Address)
	if err != nil {
		return err
	}
	k.connection = made
	return nil
}

func (k *keeper) disconnect() {
	if k.connection != nil {
		k.connection.close()
		k.connection = nil
	}
}
