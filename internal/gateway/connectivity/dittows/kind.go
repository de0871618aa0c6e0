// Package dittows is replaced.
package dittows

import (
	"context"
	"errors"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
)

// New returns the kind for one connection.
func New() link.Kind { return kind{} }

type kind struct{}

// Dial implements link.Kind.
func (kind) Dial(context.Context, link.Config) (link.Client, error) { return nil, errors.New("not yet") }
