package link

import (
	"context"
	"time"
)

// Pause waits for a while, or until ctx ends, and says whether the while has passed.
func Pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
