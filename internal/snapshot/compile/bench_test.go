package compile_test

import (
	"fmt"
	"testing"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot/compile"
)

// BenchmarkCompile compiles one Gateway with 100 Connections and 1000
// Subscriptions, all of them with something to be checked.
func BenchmarkCompile(b *testing.B) {
	ca, err := certificate()
	if err != nil {
		b.Fatal(err)
	}
	objects := []any{linkSecret(newKeyPair(b, "link"), ca)}
	for i := range 100 {
		objects = append(objects, ofType(fmt.Sprintf("c%d", i), []v1alpha1.ConnectionType{v1alpha1.ConnectionHTTPPush, v1alpha1.ConnectionMQTT}[i%2]))
	}
	for i := range 1000 {
		objects = append(objects, outbound(fmt.Sprintf("s%d", i), fmt.Sprintf("c%d", i%50*2)))
	}
	o := world(objects...)
	b.ReportAllocs()
	for b.Loop() {
		if snap, findings := compile.Compile(o); snap == nil || len(findings) > 0 {
			b.Fatal(findings)
		}
	}
}
