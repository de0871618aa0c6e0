package plugin_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/twinway/twinway/internal/plugin"
	"github.com/twinway/twinway/internal/render"
)

const eventsJSON = `[
	{"time":"2026-01-02T03:04:05.678Z","kind":"opened"},
	{"time":"2026-01-02T03:04:06Z","name":"up","kind":"settled","failure":true,"message":"rejected\u001b[31m","address":"devices/a/up",
	 "entityId":"com.example:a","correlationId":"c-1","more":"unknown"}
]`

// adminPod creates a pod of a Gateway that can be asked.
func (c *cluster) adminPod(name, gateway string) {
	c.Helper()
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: c.namespace, Name: name, Labels: render.Selector(gateway)},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{
			Name: "gateway", Image: "twinway", Ports: []corev1.ContainerPort{{Name: render.PortAdmin, ContainerPort: 8081}},
		}}},
	}
	if err := c.Client.Create(c.ctx, pod); err != nil {
		c.Fatal(err)
	}
}

func TestEventsOfAConnection(t *testing.T) {
	c := newCluster(t, plantYAML)
	for name, gateway := range map[string]string{"demo-0": "demo", "demo-1": "demo", "other-0": "other"} {
		c.adminPod(name, gateway)
	}
	c.Ask = func(_ context.Context, pod *corev1.Pod, path string) (io.ReadCloser, error) {
		if port := plugin.AdminPort(pod); port != 8081 || path != "/connections/cloud/events" {
			t.Errorf("asked for %s at port %d", path, port)
		}
		if pod.Name == "demo-1" {
			return nil, errors.New("no route")
		}
		return io.NopCloser(strings.NewReader(eventsJSON)), nil
	}
	pods, err := c.Events(c.ctx, c.namespace, "cloud")
	if err != nil {
		t.Fatal(err)
	}
	c.mustPrint(func(w io.Writer) error { return plugin.PrintPodEvents(w, pods) }, `
Pod demo-0
2026-01-02 03:04:05.678          opened
2026-01-02 03:04:06.000  FAILED  settled       up  rejected\x1b[31m  at devices/a/up  about com.example:a  correlation-id c-1
Pod demo-1
  not asked: no route
`)
}

func TestEventsThatNobodyTells(t *testing.T) {
	c := newCluster(t, plantYAML)
	_, err := c.Events(c.ctx, c.namespace, "clud")
	mustFail(t, err, "did you mean cloud?")
	_, err = c.Events(c.ctx, c.namespace, "cloud")
	mustFail(t, err, "no pod of Gateway "+c.namespace+"/demo could be asked")
	c.adminPod("demo-0", "demo")
	for _, answer := range []string{"", "{}", strings.Repeat(" ", 9<<20) + "[]"} {
		c.Ask = func(context.Context, *corev1.Pod, string) (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader(answer)), nil
		}
		_, err = c.Events(c.ctx, c.namespace, "cloud")
		mustFail(t, err, "cannot be read")
	}
}

func TestConnectionsOfARunningGateway(t *testing.T) {
	connections, err := plugin.ReadRunning(strings.NewReader(`[
		{"name":"cloud","type":"DittoWebSocket","state":"Connecting","message":"reconnecting: EOF\n",
		 "subscriptions":[{"name":"up","state":"Connecting"},{"name":"down","state":"Failed","message":"not taken"}]},
		{"name":"field","type":"MQTT","state":"Open","subscriptions":[]}]`))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := plugin.PrintRunning(&out, connections); err != nil {
		t.Fatal(err)
	}
	want := `Connection cloud (DittoWebSocket)  Connecting: reconnecting: EOF\n
  ├─ Subscription up  Connecting
  └─ Subscription down  Failed: not taken
Connection field (MQTT)  Open
`
	if out.String() != want {
		t.Errorf("printed:\n%s\nwant:\n%s", &out, want)
	}
}

func TestThereIsNothingToPrint(t *testing.T) {
	var connections, events strings.Builder
	if err := errors.Join(plugin.PrintRunning(&connections, nil), plugin.PrintEvents(&events, nil)); err != nil {
		t.Fatal(err)
	}
	if connections.String() != "The gateway has no Connections.\n" || events.String() != "Nothing has happened on it yet.\n" {
		t.Errorf("printed:\n%s%s", &connections, &events)
	}
}
