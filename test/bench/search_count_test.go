package bench

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/finder"
	"github.com/twinway/twinway/internal/gateway/index"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/policy"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/query"
	"github.com/twinway/twinway/internal/gateway/store/pebble"
	"github.com/twinway/twinway/internal/gateway/twin"
)

// BenchmarkCount counts things, one count at a time, in process: clients have no way to ask for it over WebSocket.
func BenchmarkCount(b *testing.B) {
	for _, n := range numbers(b) {
		b.Run(fmt.Sprintf("things=%d", n), func(b *testing.B) {
			s := counter(b, filled(b, n))
			who := &party{audience: pubsub.Audience{Subjects: []string{"nginx:ditto"}}}
			for name, filter := range map[string]string{
				"unique": "eq(attributes/serial,'" + serial(7, n) + "')", "percent": "eq(attributes/line,'line-07')", "everything": "",
			} {
				q, refused := query.Stream(protocol.SearchParameters{Filter: filter, HasFilter: filter != ""})
				if refused != nil {
					b.Fatal(refused)
				}
				b.Run(name, func(b *testing.B) {
					counted := int64(0)
					for b.Loop() {
						found, err := s.Count(b.Context(), who, q)
						if err != nil {
							b.Fatal(err)
						}
						counted = found
					}
					b.ReportMetric(float64(counted), "things")
				})
			}
		})
	}
}

// counter returns what counts the things in a data directory.
func counter(b *testing.B, dir string) *finder.Service {
	b.Helper()
	cache := max(configuration(b).Storage.CacheSize/2, 1<<20)
	disk, err := pebble.Open(pebble.Options{
		Dir: dir, CacheSize: cache, Logger: slog.New(slog.DiscardHandler), Index: twin.Entries(index.Rules{}), IndexRules: index.Rules{}.Version(),
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := disk.Close(); err != nil {
			b.Error(err)
		}
	})
	policies := policy.Settings{MaxSize: policy.DefaultMaxSize, MaxImports: policy.DefaultMaxImports}
	return finder.NewService(finder.Options{
		Store: disk, Changes: &finder.Changes{}, Clock: time.Now, Metrics: metrics.New(), Logger: slog.New(slog.DiscardHandler),
		Authority: authority.NewAuthority(disk, cache/2, authority.Settings{Creation: authority.AnyoneCreates(), Policies: policies}),
		Within:    func() time.Duration { return time.Minute },
	})
}
