package controllers_test

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/snapshot"
)

// A pod that says something else whenever it is asked does not drive the API
// server: what is written about its Gateway keeps a pace, and ends with the last
// that it said.
func TestAPodDoesNotDriveTheAPIServer(t *testing.T) {
	w := emptyWorld(t)
	writes := &writeCounter{}
	w.config.Wrap(writes.wrap)
	w.startOperator()
	g := w.gateway("edge")
	w.create(g, w.users("edge", map[string]string{"ditto": bcrypt}))
	certificates, pod := &corev1.Secret{ObjectMeta: w.named("edge-management")}, &corev1.Pod{ObjectMeta: w.named("edge-0")}
	w.eventually("a pod", func() bool { return w.exists(certificates) && w.exists(pod) })
	w.eventually("a configuration", func() bool { w.get(g); return g.Status.ConfigurationHash != "" })

	var asked atomic.Uint64
	const last = 120
	hash := g.Status.ConfigurationHash
	begun := time.Now()
	before := len(statusWrites(writes))
	w.serve(pod, certificates, func(rw http.ResponseWriter, r *http.Request) {
		n := asked.Add(1)
		if n > last {
			n = last
			if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Query().Get(management.ParameterAfter), fmt.Sprint("/", last)) {
				<-r.Context().Done()
				return
			}
		}
		_ = json.NewEncoder(rw).Encode(management.Status{
			Gateway: snapshot.Identity{Namespace: w.namespace, Name: "edge"}, Boot: "b", Version: n, Ready: true,
			Refused: &management.Refusal{Hash: hash, Code: management.RefusedUnusable, Message: fmt.Sprint("message ", n)},
		})
	})
	w.eventually("the last message", func() bool {
		w.get(g)
		return strings.Contains(show(g.Status.Conditions), fmt.Sprint("message ", last))
	})
	// A few are about the pod as the cluster has it.
	if n, most := len(statusWrites(writes))-before, 15+int(time.Since(begun)/time.Second); n > most || asked.Load() < last {
		t.Errorf("the status was written %d times while the pod was asked %d times, want at most %d", n, asked.Load(), most)
	}
}

func statusWrites(w *writeCounter) []string {
	var out []string
	for _, path := range w.to("edge") {
		if strings.HasSuffix(path, "/gateways/edge/status") {
			out = append(out, path)
		}
	}
	return out
}

// serve plays a pod that runs.
func (w *world) serve(pod *corev1.Pod, certificates *corev1.Secret, handler http.HandlerFunc) {
	w.Helper()
	pair, err := tls.X509KeyPair(certificates.Data["tls.crt"], certificates.Data["tls.key"])
	if err != nil {
		w.Fatal(err)
	}
	const ip = "127.81.7.3"
	listener, err := net.Listen("tcp", net.JoinHostPort(ip, "9443"))
	if err != nil {
		w.Fatal(err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	go func() {
		_ = server.Serve(tls.NewListener(listener, &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequestClientCert}))
	}()
	w.Cleanup(func() { _ = server.Close() })
	patch := fmt.Sprintf(`{"status":{"phase":"Running","podIP":%q,"podIPs":[{"ip":%q}],"conditions":[{"type":"Ready","status":"True"}]}}`, ip, ip)
	if err := w.Status().Patch(w.ctx, pod, client.RawPatch(types.MergePatchType, []byte(patch))); err != nil {
		w.Fatal(err)
	}
}
