package plugin_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/manifest"
	"github.com/twinway/twinway/internal/plugin"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/internal/snapshot/compile"
)

func TestDiff(t *testing.T) {
	c := newCluster(t, plantYAML)
	d := c.diff()
	if d.Same || d.Stored != "" || d.Reported != "" || len(d.Compiled) != 64 {
		t.Errorf("before anything is stored: %+v", d)
	}

	stored := c.compile()
	c.store(stored.Encode())
	var gateway v1alpha1.Gateway
	c.get("demo", &gateway)
	gateway.Status.ConfigurationHash = stored.Hash()
	c.update(&gateway)
	if d := c.diff(); !d.Same || d.Stored != stored.Hash() || d.Compiled != d.Stored || len(d.Live)+len(d.Restart) != 0 {
		t.Errorf("all is the same: %+v", d)
	}

	gateway.Spec.Listener.Port = 8090
	gateway.Spec.Limits = &v1alpha1.Limits{Thing: &v1alpha1.ThingLimits{MaxSize: new(int32(4096))}}
	if err := c.Client.Update(c.ctx, &gateway); err != nil {
		t.Fatal(err)
	}
	d = c.diff()
	if d.Same || d.Compiled == d.Stored || d.Reported != d.Stored {
		t.Errorf("after a change: %+v", d)
	}
	if diff := cmp.Diff([][]string{{"limits.thing.maxSize"}, {"listener.port"}}, [][]string{d.Live, d.Restart}); diff != "" {
		t.Errorf("live and restart (-want +got):\n%s", diff)
	}
	text := c.printed(d)
	for _, want := range []string{d.Compiled[:12], d.Stored[:12] + "  differs", "live:  limits.thing.maxSize", "restart: listener.port"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// A change of a Secret is a change of the configuration; what it holds is not
// shown.
func TestDiffFollowsSecrets(t *testing.T) {
	c := newCluster(t, plantYAML)
	before := c.diff()
	c.store(c.compile().Encode())
	var secret corev1.Secret
	c.get("cloud", &secret)
	secret.Data["password"] = []byte(canary + "-changed")
	if err := c.Client.Update(c.ctx, &secret); err != nil {
		t.Fatal(err)
	}
	after := c.diff()
	if before.Compiled == after.Compiled || len(after.Live) == 0 {
		t.Errorf("the change is not seen: %+v", after)
	}
	if text := c.printed(after); strings.Contains(text, canary) {
		t.Errorf("a secret is shown:\n%s", text)
	}
}

func TestDiffOfARefusedGateway(t *testing.T) {
	c := newCluster(t, gatewayYAML)
	d := c.diff()
	if d.Compiled != "" || d.Same {
		t.Errorf("without users: %+v", d)
	}
	text := c.printed(d)
	for _, want := range []string{"objects in the cluster  refused", "spec.authentication.basic.usersSecretRef", "users"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// A Connection that is refused is told, and leaves the rest comparable.
func TestDiffOfARefusedConnection(t *testing.T) {
	c := newCluster(t, plantYAML)
	if err := c.Client.Delete(c.ctx, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: c.namespace, Name: "cloud"}}); err != nil {
		t.Fatal(err)
	}
	d := c.diff()
	if d.Compiled == "" || !strings.Contains(strings.Join(d.Findings, "\n"), "Connection "+c.namespace+"/cloud") {
		t.Errorf("without the credentials: %+v", d)
	}
}

func TestDiffOfSomethingElse(t *testing.T) {
	for name, data := range map[string]string{"garbage": "{" + canary, "another version": `{"version":99}`} {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t, plantYAML)
			c.store([]byte(data))
			d := c.diff()
			if d.Same || d.Unreadable == "" || len(d.Stored) != 64 {
				t.Errorf("diff: %+v", d)
			}
			if text := c.printed(d); strings.Contains(text, canary) {
				t.Errorf("what is stored is shown:\n%s", text)
			}
		})
	}
}

func (c *cluster) diff() plugin.Difference {
	c.Helper()
	d, err := c.Diff(c.ctx, c.namespace, "demo")
	if err != nil {
		c.Fatal(err)
	}
	return d
}

func (c *cluster) printed(d plugin.Difference) string {
	c.Helper()
	var out bytes.Buffer
	if err := d.Print(&out); err != nil {
		c.Fatal(err)
	}
	return out.String()
}

// store keeps a configuration where pods find it.
func (c *cluster) store(data []byte) {
	c.Helper()
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: c.namespace, Name: "demo-snapshot", Labels: map[string]string{"twinway.dev/gateway": "demo"}},
		Data:       map[string][]byte{"snapshot.json": data},
	}
	if err := c.Client.Create(c.ctx, secret); err != nil {
		c.Fatal(err)
	}
}

// compile compiles the Gateway from its manifests, on another way than the
// plugin.
func (c *cluster) compile() *snapshot.Snapshot {
	c.Helper()
	text := strings.ReplaceAll(plantYAML, "metadata: {", "metadata: {namespace: "+c.namespace+", ")
	objects, loaded := manifest.Load(writeManifests(c.T, text))
	objects.Select = "demo"
	compiled, found := compile.Compile(objects)
	if compiled == nil {
		c.Fatal(loaded, found)
	}
	return compiled
}
