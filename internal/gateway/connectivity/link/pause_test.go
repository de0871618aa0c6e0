package link

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		if !Pause(t.Context(), time.Hour) || time.Since(start) != time.Hour {
			t.Errorf("over after %s", time.Since(start))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start = time.Now()
		if Pause(ctx, time.Hour) || time.Since(start) != time.Minute {
			t.Errorf("ended after %s", time.Since(start))
		}
	})
}
