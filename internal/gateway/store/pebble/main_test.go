package pebble

import (
	"testing"

	"go.uber.org/goleak"
)

// Stores that are closed, failed ones too, leave no goroutines behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
