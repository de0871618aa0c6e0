package push_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/push"
	"github.com/twinway/twinway/internal/snapshot"
)

// hang does not answer, and says when it was asked.
func hang(asked chan<- struct{}) http.HandlerFunc {
	once := sync.OnceFunc(func() { close(asked) })
	return func(_ http.ResponseWriter, r *http.Request) {
		once()
		<-r.Context().Done()
	}
}

// Far more pods are stuck than there may be handshakes at once, and each gets
// ten minutes. The one that works is pushed to all the same.
func TestStuckPodsStallNobody(t *testing.T) {
	f := newFleet(t, push.Options{Handshakes: 2, RequestTimeout: 10 * time.Minute})
	stuck := mute(t)
	desired := desire("one")
	for i := range 10 {
		desired.Pods = append(desired.Pods, push.Pod{UID: fmt.Sprint(i), Name: fmt.Sprint("a-", i), Address: stuck.address})
	}
	f.Set(plant, desired)
	p := newPod(t, f.authority, plant)
	desired.Pods = append(desired.Pods, p.target("b"))
	f.Set(plant, desired)
	eventually(t, "the pod that works", func() bool { return p.hash() == desired.Hash })
	for _, view := range f.View(plant)[:10] {
		if view.Known {
			t.Errorf("%s is known", view.Pod.Name)
		}
	}
}

// A pod that takes the request and does not answer is given up after a while,
// and used again when it answers.
func TestHangingPod(t *testing.T) {
	f := newFleet(t, push.Options{RequestTimeout: 100 * time.Millisecond})
	p := newPod(t, f.authority, plant)
	p.override = hang(make(chan struct{}))
	desired := desire("one", p.target("gw-0"))
	f.Set(plant, desired)
	eventually(t, "the failure to show", func() bool { return f.view().Err == "ask for the status: no answer in time" })
	p.fault(func() { p.override = nil })
	f.acked(plant, desired)
}

// A pod is tried again at once when something else is desired, whatever pause it
// is in.
func TestNewOrderEndsPause(t *testing.T) {
	f := newFleet(t, push.Options{MinBackoff: time.Hour, MaxBackoff: time.Hour})
	p := stoppedPod(t, f.authority, plant)
	f.Set(plant, desire("one", p.target("gw-0")))
	eventually(t, "the failure to show", func() bool { return f.view().Err != "" })
	p.start()
	desired := desire("two", p.target("gw-0"))
	f.Set(plant, desired)
	f.acked(plant, desired)
}

func TestWrongAnswers(t *testing.T) {
	text := func(code int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			_, _ = w.Write([]byte(body))
		}
	}
	tests := map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"another Gateway":       {text(200, `{"gateway":{"namespace":"plant-2","name":"gw"},"boot":"b","version":1}`), "the pod belongs to another Gateway, plant-2/gw"},
		"no JSON":               {text(200, `hello`), "the answer is not a status"},
		"something else":        {text(200, `{}`), "the answer is not a status"},
		"a name without end":    {text(200, `{"gateway":{"namespace":"plant-1","name":"gw"},"boot":"`+strings.Repeat("b", 300)+`","version":1}`), "the answer is not a status"},
		"too long":              {text(200, `"`+strings.Repeat("x", 2<<20)+`"`), "the answer is longer than 1048576 bytes"},
		"a header without end":  {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 2<<20)) }, "the answer is longer than 1048576 bytes"},
		"not found":             {text(404, "404 page not found"), "the pod has answered 404 Not Found"},
		"a failure":             {text(500, "oops"), "the pod has answered 500 Internal Server Error"},
		"elsewhere":             {http.RedirectHandler("https://127.0.0.1:1/", http.StatusTemporaryRedirect).ServeHTTP, "the pod has answered 307 Temporary Redirect"},
		"a failure with status": {text(500, `{"gateway":{"namespace":"plant-1","name":"gw"},"boot":"b","version":1}`), "the pod has answered 500 Internal Server Error"},
		"nothing":               {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "the pod has closed the connection"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFleet(t, push.Options{})
			p := newPod(t, f.authority, plant)
			p.override = test.handler
			f.Set(plant, desire("one", p.target("gw-0")))
			eventually(t, "the failure to show", func() bool { return f.view().Err != "" })
			if got := f.view(); got.Err != "ask for the status: "+test.want || got.Known {
				t.Errorf("%q, want %q", got.Err, test.want)
			}
		})
	}
}

// A pod that says it has taken the snapshot over and reports another one is not
// sent it again and again without a pause.
func TestPodThatDoesNotDoWhatItSays(t *testing.T) {
	f := newFleet(t, push.Options{MinBackoff: time.Hour, MaxBackoff: time.Hour})
	p := newPod(t, f.authority, plant)
	p.override = func(w http.ResponseWriter, _ *http.Request) { p.answer(w, http.StatusOK) }
	f.Set(plant, desire("one", p.target("gw-0")))
	eventually(t, "the failure to show", func() bool {
		return f.view().Err == "the pod has neither taken over nor refused the snapshot it was sent"
	})
	if sent := p.count(putSnapshot); sent != 1 {
		t.Errorf("sent %d times", sent)
	}
}

// A pod that answers every poll at once is asked no more than twenty times a
// second.
func TestPodThatDoesNotWait(t *testing.T) {
	f := newFleet(t, push.Options{})
	p := newPod(t, f.authority, plant)
	p.override = func(w http.ResponseWriter, _ *http.Request) { p.answer(w, http.StatusOK) }
	f.Set(plant, push.Desired{Pods: []push.Pod{p.target("gw-0")}})
	begun := time.Now()
	eventually(t, "polls", func() bool { return p.count(getStatus) >= 8 })
	if took := time.Since(begun); took < 6*50*time.Millisecond {
		t.Errorf("asked 8 times in %s", took)
	}
}

func TestWrongCertificates(t *testing.T) {
	f := newFleet(t, push.Options{})
	stranger := newAuthority(t)
	operator, err := f.authority.IssueClient(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	old, oldKey, err := f.authority.IssueServer(plant, time.Now().Add(-100*24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	expired, err := tls.X509KeyPair(old, oldKey)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		config *tls.Config
		want   string
	}{
		"of another Gateway":           {serverConfig(t, f.authority, snapshot.Identity{Namespace: "plant-2", Name: "gw"}), "certificate is valid for gw.plant-2.gateway.twinway.internal, not gw.plant-1.gateway.twinway.internal"},
		"of another authority":         {serverConfig(t, stranger, plant), "certificate signed by unknown authority"},
		"of an operator":               {&tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{operator}}, "certificate is valid for operator.twinway.internal"},
		"expired":                      {&tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{expired}}, "the certificate of the pod has expired or is not valid yet"},
		"an old version of TLS":        {&tls.Config{MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12, Certificates: serverConfig(t, f.authority, plant).Certificates}, "protocol version"},
		"that knows another authority": {trusting(serverConfig(t, f.authority, plant), stranger.Roots()), "the pod refuses the connection: tls: unknown certificate authority"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := stoppedPod(t, f.authority, plant)
			p.config = test.config
			p.start()
			f.Set(plant, desire("one", p.target("gw-0")))
			eventually(t, "the failure to show", func() bool { return strings.Contains(f.view().Err, test.want) })
			if f.view().Known || p.count(getStatus) > 0 {
				t.Error("it was spoken to all the same")
			}
			if made, _ := p.connections(); made == 0 {
				t.Error("the pod was not reached")
			}
		})
	}
}

func trusting(config *tls.Config, roots *x509.CertPool) *tls.Config {
	config.ClientCAs = roots
	return config
}

// What is shown goes into the status of objects: it is the same as long as the
// cause is, and names neither addresses nor ports.
func TestErrorsAreStable(t *testing.T) {
	f := newFleet(t, push.Options{MaxBackoff: time.Millisecond})
	down, mute := stoppedPod(t, f.authority, plant), push.Pod{UID: "x", Name: "no-address"}
	dropping := newPod(t, f.authority, plant)
	dropping.override = func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	f.Set(plant, desire("one", down.target("down"), mute, dropping.target("dropping")))
	want := map[string]string{
		"down":       "connect: connect: connection refused",
		"no-address": "connect: missing address",
		"dropping":   "ask for the status: the pod has closed the connection",
	}
	for range 20 {
		for _, view := range f.View(plant) {
			eventually(t, "the failure to show", func() bool {
				return f.View(plant)[0].Err != "" && f.View(plant)[1].Err != "" && f.View(plant)[2].Err != ""
			})
			if view.Err != "" && view.Err != want[view.Pod.Name] {
				t.Fatalf("%s: %s", view.Pod.Name, view.Err)
			}
		}
		goal := dropping.count(getStatus) + 1
		eventually(t, "another attempt", func() bool { return dropping.count(getStatus) >= goal })
	}
}

// What a pod says is bounded and stays in one line.
func TestTextsOfPods(t *testing.T) {
	f := newFleet(t, push.Options{})
	p := newPod(t, f.authority, plant)
	p.change(func(s *management.Status) {
		s.Reason = strings.Repeat("long ", 10_000)
		s.Refused = &management.Refusal{Hash: "x", Message: "two\nlines\x1b[31m"}
		s.Connections = []management.LinkStatus{{Name: "c", Message: "a\r\nb"}}
	})
	f.Set(plant, push.Desired{Pods: []push.Pod{p.target("gw-0")}})
	eventually(t, "the status", func() bool { return f.view().Known })
	status := f.view().Status
	if n := len(status.Reason); n > 600 {
		t.Errorf("a reason of %d bytes", n)
	}
	if got := status.Refused.Message; got != "two lines [31m" {
		t.Errorf("%q", got)
	}
	if got := status.Connections[0].Message; got != "a  b" {
		t.Errorf("%q", got)
	}
}

// The operator's certificate and the roots are asked for with every connection,
// and connections do not live forever.
func TestCredentialsRotate(t *testing.T) {
	authority := newAuthority(t)
	var current atomic.Pointer[func() (tls.Certificate, *x509.CertPool)]
	use := func(c func() (tls.Certificate, *x509.CertPool)) { current.Store(&c) }
	use(func() (tls.Certificate, *x509.CertPool) { return tls.Certificate{}, nil })
	f := &fleet{t: t, authority: authority, changed: map[snapshot.Identity]int{}}
	f.start(push.Options{
		Credentials:    func() (tls.Certificate, *x509.CertPool) { return (*current.Load())() },
		ConnectionLife: time.Millisecond, PollWait: time.Millisecond,
	})
	p := newPod(t, authority, plant)
	desired := desire("one", p.target("gw-0"))
	f.Set(plant, desired)
	eventually(t, "the failure to show", func() bool { return f.view().Err == "there are no certificates yet to connect with" })

	for range 3 {
		next := credentials(t, authority)
		use(next)
		shown, _ := next()
		eventually(t, "the new certificate", func() bool {
			p.mu.Lock()
			defer p.mu.Unlock()
			return string(p.client) == string(shown.Certificate[0])
		})
		f.acked(plant, desired)
	}
	if sent := p.count(putSnapshot); sent != 1 {
		t.Errorf("sent %d times", sent)
	}
}
