package operator_test

import "testing"

// within returns the world for a test within the one it was made for.
func (w *world) within(t *testing.T) *world {
	inner := *w
	inner.T = t
	return &inner
}
