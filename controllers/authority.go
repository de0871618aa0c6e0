package controllers

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/internal/pki"
	"github.com/twinway/twinway/internal/render"
)

const (
	// authoritySecret is the Secret of the operator's namespace that the
	// certificate authority is kept in.
	authoritySecret = "twinway-ca"
	// authorityInterval is how often it is looked at whether it is due to rotate.
	// Its steps are days apart.
	authorityInterval = time.Hour
	// authorityTimeout bounds one look.
	authorityTimeout = 30 * time.Second
	// authorityAttempts bounds how often one look starts again because another
	// operator was faster.
	authorityAttempts = 4
)

// authority keeps the certificate authority of the management ports. It runs on
// the leader; what makes it safe for two, as long as they overlap, is that the
// Secret is only created or updated in the version that was read.
type authority struct {
	client client.Client
	live   client.Reader
	key    types.NamespacedName
	log    *slog.Logger
	now    func() time.Time
	// changed is called when certificates have to be issued again, or others are
	// to be trusted.
	changed func()

	refreshing sync.Mutex // one look at a time; taken before mu
	mu         sync.Mutex
	current    *pki.Authority
	identity   tls.Certificate
	roots      *x509.CertPool
}

// Start looks after the authority until the context ends.
func (a *authority) Start(ctx context.Context) error {
	ticker := time.NewTicker(authorityInterval)
	defer ticker.Stop()
	for {
		if err := a.refresh(ctx); err != nil && ctx.Err() == nil {
			a.log.Error("certificate authority", "secret", a.key.String(), "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// get returns the authority, which is read or made at the first call.
func (a *authority) get(ctx context.Context) (*pki.Authority, error) {
	if current := a.peek(); current != nil {
		return current, nil
	}
	if err := a.refresh(ctx); err != nil {
		return nil, fmt.Errorf("certificate authority in Secret %s: %w", a.key, err)
	}
	return a.peek(), nil
}

func (a *authority) peek() *pki.Authority {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.current
}

// credentials returns the operator's own certificate and what those of pods are
// verified against. Without an authority nothing is trusted.
func (a *authority) credentials() (tls.Certificate, *x509.CertPool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.current == nil {
		return tls.Certificate{}, nil
	}
	if now := a.now(); pki.RenewClient(a.current, a.identity, now) {
		identity, err := a.current.IssueClient(now)
		if err != nil {
			a.log.Error("issue the operator's certificate", "error", err)
			return tls.Certificate{}, nil
		}
		a.identity = identity
	}
	return a.identity, a.roots
}

// refresh reads the authority, makes it where there is none, and rotates it when
// it is due.
func (a *authority) refresh(ctx context.Context) error {
	a.refreshing.Lock()
	defer a.refreshing.Unlock()
	ctx, cancel := context.WithTimeout(ctx, authorityTimeout)
	defer cancel()
	var err error
	for range authorityAttempts {
		var next *pki.Authority
		if next, err = a.ensure(ctx); err == nil {
			a.take(next)
			return nil
		}
		if !apierrors.IsConflict(err) && !apierrors.IsAlreadyExists(err) {
			return err
		}
	}
	return err
}

// ensure returns the authority as it is stored in the end.
func (a *authority) ensure(ctx context.Context) (*pki.Authority, error) {
	secret := &corev1.Secret{}
	if err := a.live.Get(ctx, a.key, secret); apierrors.IsNotFound(err) {
		return a.create(ctx)
	} else if err != nil {
		return nil, err
	}
	stored, err := pki.ParseAuthority(secret.Data)
	if err != nil {
		return nil, fmt.Errorf("%w; delete the Secret to have another authority made", err)
	}
	next, changed, err := stored.Advance(a.now())
	if err != nil || !changed {
		return next, err
	}
	secret.Data = next.Encode()
	return next, a.client.Update(ctx, secret, client.FieldOwner(render.FieldManager))
}

// create stores the authority that is in use, if somebody deleted it, or a new one.
func (a *authority) create(ctx context.Context) (*pki.Authority, error) {
	next, err := a.peek(), error(nil)
	if next == nil {
		if next, err = pki.NewAuthority(a.now()); err != nil {
			return nil, err
		}
	}
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: a.key.Namespace, Name: a.key.Name, Labels: operatorLabels()},
		Data:       next.Encode(),
	}
	return next, a.client.Create(ctx, secret, client.FieldOwner(render.FieldManager))
}

// take puts an authority into use.
func (a *authority) take(next *pki.Authority) {
	a.mu.Lock()
	same := a.current != nil && bytes.Equal(a.current.Bundle(), next.Bundle())
	first := a.current == nil
	a.current, a.roots = next, next.Roots()
	a.mu.Unlock()
	if !same && !first {
		a.log.Info("the certificate authority has rotated")
		a.changed()
	}
}
