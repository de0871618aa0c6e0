package statuscheck

import (
	"bytes"
	"context"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Guards against hanging; see Check.
const (
	settleTimeout = 30 * time.Second
	settlePoll    = 20 * time.Millisecond
)

// shortestSecret is the length from which bytes of a Secret are looked for in
// messages: shorter ones are in any text.
const shortestSecret = 6

// Check fails the test for each rule that the status of an object in the
// namespace breaks. It waits until the operator has seen the objects as they
// are now. The client must read from the API server and know the kinds, pods and
// Secrets.
func Check(t testing.TB, c client.Reader, namespace string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), settleTimeout)
	defer cancel()
	all, err := awaitSeen(ctx, c, namespace)
	if err != nil {
		t.Fatalf("check the status of all objects: %v", err)
	}
	around, err := surroundings(ctx, c, namespace)
	if err != nil {
		t.Fatalf("check the status of all objects: %v", err)
	}
	for _, o := range all {
		for _, violation := range Violations(o, around) {
			t.Errorf("%s %s", o, violation)
		}
		if Behind(o) {
			t.Errorf("%s has observedGeneration %d at generation %d for long", o, o.ObservedGeneration, o.Generation)
		}
	}
}

// awaitSeen returns the objects when none is behind, or at the end of ctx.
func awaitSeen(ctx context.Context, c client.Reader, namespace string) ([]Object, error) {
	var last []Object
	for {
		all, err := objects(ctx, c, namespace)
		if err != nil && (last == nil || ctx.Err() == nil) {
			return nil, err
		}
		if err == nil {
			last = all
		}
		behind := false
		for _, o := range last {
			behind = behind || Behind(o)
		}
		if !behind || ctx.Err() != nil {
			return last, nil
		}
		time.Sleep(settlePoll)
	}
}

func surroundings(ctx context.Context, c client.Reader, namespace string) (Surroundings, error) {
	var pods corev1.PodList
	if err := c.List(ctx, &pods, client.InNamespace(namespace)); err != nil {
		return Surroundings{}, err
	}
	var secrets corev1.SecretList
	if err := c.List(ctx, &secrets, client.InNamespace(namespace)); err != nil {
		return Surroundings{}, err
	}
	var s Surroundings
	for i := range pods.Items {
		s.Pods = append(s.Pods, pods.Items[i].Name)
		if ip := pods.Items[i].Status.PodIP; ip != "" {
			s.Pods = append(s.Pods, ip)
		}
	}
	for i := range secrets.Items {
		for _, data := range secrets.Items[i].Data {
			s.Secrets = append(s.Secrets, lines(data)...)
		}
	}
	return s, nil
}

// lines returns what may be recognised of a Secret's data in a message.
func lines(data []byte) []string {
	var found []string
	for line := range bytes.Lines(data) {
		if line = bytes.TrimSpace(line); len(line) >= shortestSecret {
			found = append(found, string(line))
		}
	}
	return found
}
