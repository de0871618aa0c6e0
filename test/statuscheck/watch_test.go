package statuscheck_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/test/apiserver"
	"github.com/twinway/twinway/test/statuscheck"
)

func TestMain(m *testing.M) { apiserver.Main(m, apiserver.Options{}) }

// recorder is a test whose failures are kept.
type recorder struct {
	testing.TB
	cleanups []func()

	mu     sync.Mutex
	errors []string
}

func (r *recorder) Helper()          {}
func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

// said returns the failures so far.
func (r *recorder) said() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.errors, "\n")
}

// await fails the real test when the failure does not come.
func (r *recorder) await(t *testing.T, failure string) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if strings.Contains(r.said(), failure) {
			return
		}
	}
	t.Fatalf("the failure with %q does not come, but %q", failure, r.said())
}

func (r *recorder) end() {
	for _, f := range r.cleanups {
		f()
	}
}

// gateway is a Gateway in the API server, whose status the test writes.
type gateway struct {
	*testing.T
	client client.Client
	object *v1alpha1.Gateway
	since  metav1.Time
}

func create(t *testing.T) *gateway {
	t.Helper()
	scheme := runtime.NewScheme()
	builder := runtime.NewSchemeBuilder(v1alpha1.AddToScheme, corev1.AddToScheme)
	if err := builder.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	c, err := client.New(apiserver.Config(), client.Options{Scheme: scheme})
	if err != nil {
		t.Fatal(err)
	}
	object := &v1alpha1.Gateway{
		ObjectMeta: metav1.ObjectMeta{Name: "edge", Namespace: apiserver.Namespace(t)},
		Spec: v1alpha1.GatewaySpec{
			Listener: v1alpha1.Listener{Port: 8080},
			Authentication: v1alpha1.Authentication{
				Basic: &v1alpha1.BasicAuthentication{UsersSecretRef: v1alpha1.SecretReference{Name: "users"}}},
		},
	}
	if err := c.Create(context.Background(), object); err != nil {
		t.Fatal(err)
	}
	return &gateway{T: t, client: c, object: object, since: metav1.Now().Rfc3339Copy()}
}

// write makes all conditions be of that status, with that message.
func (g *gateway) write(status metav1.ConditionStatus, message string) {
	g.Helper()
	g.object.Status.ObservedGeneration = g.object.Generation
	for i := range g.object.Status.Conditions {
		c := &g.object.Status.Conditions[i]
		c.Status, c.Reason, c.Message = status, "Because", message
		c.ObservedGeneration, c.LastTransitionTime = g.object.Generation, g.since
	}
	if err := g.client.Status().Update(context.Background(), g.object); err != nil {
		g.Fatal(err)
	}
}

func TestCheck(t *testing.T) {
	g := create(t)
	g.write(metav1.ConditionTrue, "It is so")
	statuscheck.Check(t, g.client, g.object.Namespace)

	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "users", Namespace: g.object.Namespace}, Data: map[string][]byte{"user": []byte("sesame\n")}}
	if err := g.client.Create(context.Background(), secret); err != nil {
		t.Fatal(err)
	}
	g.write(metav1.ConditionTrue, "the password is sesame")
	r := &recorder{TB: t}
	statuscheck.Check(r, g.client, g.object.Namespace)
	r.await(t, "what is in a Secret")
}

func TestCheckWaitsForTheOperator(t *testing.T) {
	g := create(t)
	checked := make(chan struct{})
	go func() {
		defer close(checked)
		statuscheck.Check(t, g.client, g.object.Namespace)
	}()
	time.Sleep(100 * time.Millisecond) // time for a check that does not wait
	g.write(metav1.ConditionTrue, "It is so")
	<-checked
}

func TestWatch(t *testing.T) {
	tests := map[string]struct {
		writes func(*gateway)
		want   string
	}{
		"a time that moves alone": {func(g *gateway) {
			g.since = metav1.NewTime(g.since.Add(time.Second))
			g.write(metav1.ConditionTrue, "It is so")
		}, "has another lastTransitionTime of condition Accepted, which still is True"},
		"a time that goes back": {func(g *gateway) {
			g.since = metav1.NewTime(g.since.Add(-time.Second))
			g.write(metav1.ConditionFalse, "It is not")
		}, "went back"},
		"there and back again": {func(g *gateway) {
			for i := range 30 {
				g.write(metav1.ConditionTrue, fmt.Sprintf("It is %d", i%2))
			}
		}, "came to the same status 11 times"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			g := create(t)
			g.write(metav1.ConditionTrue, "It is so")
			r := &recorder{TB: t}
			statuscheck.Watch(r, apiserver.Config(), g.object.Namespace)
			defer r.end()
			test.writes(g)
			r.await(t, test.want)
		})
	}
}

// An API server that was away does not know what was written while nobody watched: two steps that look like one are no violation.
func TestWatchAfterARestart(t *testing.T) {
	g := create(t)
	g.write(metav1.ConditionTrue, "It is so")
	r := &recorder{TB: t}
	statuscheck.Watch(r, apiserver.Config(), g.object.Namespace)
	defer r.end()
	apiserver.Restart(t, nil)
	for _, status := range []metav1.ConditionStatus{metav1.ConditionFalse, metav1.ConditionTrue} {
		g.since = metav1.NewTime(g.since.Add(time.Second))
		g.write(status, "It is so")
	}
	// The watch has come back when it sees this.
	g.since = metav1.NewTime(g.since.Add(-time.Hour))
	for i := 0; r.said() == "" && i < 300; i++ {
		g.write([]metav1.ConditionStatus{metav1.ConditionFalse, metav1.ConditionTrue}[i%2], "It is so")
		g.since = metav1.NewTime(g.since.Add(-time.Second))
		time.Sleep(100 * time.Millisecond)
	}
	if said := r.said(); strings.Contains(said, "still is") || !strings.Contains(said, "went back") {
		t.Error(said)
	}
}

// The API server itself swallows writes that change nothing, so this one is not
// from there.
func TestWriteWithoutChange(t *testing.T) {
	old, fresh := create(t).object, &v1alpha1.Gateway{}
	old.DeepCopyInto(fresh)
	fresh.ResourceVersion = "1"
	if found := statuscheck.Step(old, fresh); len(found) != 1 {
		t.Errorf("found %q", found)
	}
	fresh.Annotations = map[string]string{"new": ""}
	if found := statuscheck.Step(old, fresh); len(found) != 0 {
		t.Errorf("found %q", found)
	}
}
