package finder

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// Who comes while things are counted for the first time waits for the number, as long as there is time; later they get the one from
// before.
func TestPopulationIsKnownWhenCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := population{counting: true, first: make(chan struct{})}
		ctx, cancel := context.WithCancel(t.Context())
		got := map[string]int64{}
		if n, known := p.count(created, nil); known {
			t.Errorf("who comes to count while others do knows %d", n)
		}
		know := func(who string, ctx context.Context) {
			n, known := p.known(ctx, created)
			if !known {
				n = -1
			}
			got[who] = n
		}
		go know("impatient", ctx)
		go know("patient", t.Context())
		synctest.Wait()
		cancel()
		synctest.Wait()
		if len(got) != 1 || got["impatient"] != -1 {
			t.Errorf("before they are counted: %v", got)
		}
		p.mu.Lock()
		p.counting, p.things, p.due = false, 7, created.Add(time.Second)
		p.mu.Unlock()
		close(p.first)
		synctest.Wait()
		p.counting = true // again
		if know("later", t.Context()); got["patient"] != 7 || got["later"] != 7 {
			t.Errorf("when they are counted: %v", got)
		}
	})
}
