package plugin_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/test/apiserver"
)

// ownedYAML is what an operator would have made.
const ownedYAML = `
apiVersion: v1
kind: Service
metadata: {name: demo, labels: {twinway.dev/gateway: demo}}
spec: {ports: [{port: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: other, labels: {twinway.dev/gateway: other}}
spec: {ports: [{port: 8080}]}
---
apiVersion: v1
kind: Secret
metadata:
  name: demo-management
  labels: {twinway.dev/gateway: demo}
  annotations: {kubectl.kubernetes.io/last-applied-configuration: ` + canary + `}
stringData: {tls.key: ` + canary + `}
`

func TestBundle(t *testing.T) {
	c := newCluster(t, plantYAML+"---\n"+ownedYAML)
	c.store([]byte(`{"version":99,"secret":"` + canary + `"}`))
	c.pod("demo-0")
	c.event("demo", "Pulled", "for the Gateway")
	c.event("other", "Pulled", "for somebody else")
	c.Logs = func(_ context.Context, pod *corev1.Pod, container string, previous bool, limit int64) (io.ReadCloser, error) {
		if previous {
			return nil, errors.New("the log is gone")
		}
		return io.NopCloser(io.LimitReader(endless{}, 2*limit)), nil
	}

	var archive bytes.Buffer
	problems, err := c.Bundle(c.ctx, c.namespace, "demo", time.Unix(1_800_000_000, 0), &archive)
	if err != nil {
		t.Fatal(err)
	}
	files := unpack(t, archive.Bytes(), "twinway-"+c.namespace+"-demo/")
	want := []string{
		"configuration.yaml", "connections/broker.yaml", "connections/cloud.yaml", "diff.txt", "events.yaml", "findings.txt", "gateway.yaml",
		"logs/demo-0-gateway.log", "objects/pod-demo-0.yaml", "objects/secret-demo-management.yaml",
		"objects/secret-demo-snapshot.yaml", "objects/service-demo.yaml", "problems.txt", "references.yaml",
		"subscriptions/down.yaml", "subscriptions/up.yaml", "versions.yaml",
	}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(files))); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	for name, text := range files {
		for _, secret := range []string{canary, users} {
			if strings.Contains(text, secret) {
				t.Errorf("%s holds a secret:\n%s", name, text)
			}
		}
		if strings.Contains(text, "managedFields") {
			t.Errorf("%s holds what only the API server needs", name)
		}
	}
	for name, says := range map[string]string{
		"gateway.yaml":                        "kind: Gateway",
		"objects/secret-demo-management.yaml": "tls.key: 11",
		"references.yaml":                     "ditto: 60",
		"events.yaml":                         "for the Gateway",
		"diff.txt":                            "cannot be compared",
		"configuration.yaml":                  "[redacted]",
		"problems.txt":                        "the log is gone",
		"versions.yaml":                       "plugin: test",
	} {
		if !strings.Contains(files[name], says) {
			t.Errorf("%s does not say %q:\n%s", name, says, files[name])
		}
	}
	if strings.Contains(files["references.yaml"], "private") {
		t.Error("Secrets that others refer to are in it")
	}
	if strings.Contains(files["events.yaml"], "somebody else") {
		t.Error("events of others are in it")
	}
	if n := len(files["logs/demo-0-gateway.log"]); n != 4<<20 {
		t.Errorf("the log has %d bytes", n)
	}
	if len(problems) != 1 || !strings.Contains(problems[0], "demo-0-gateway.previous.log") {
		t.Errorf("problems: %q", problems)
	}
}

// Somebody who may see only the Gateway gets what there is, and is told what is
// missing.
func TestBundleWithFewRights(t *testing.T) {
	c := newCluster(t, plantYAML+"---\n"+ownedYAML)
	c.grant("helper", "twinway.dev", "gateways")
	p := newPlugin(t, apiserver.ConfigFor(t, "helper"))
	var archive bytes.Buffer
	problems, err := p.Bundle(c.ctx, c.namespace, "demo", time.Now(), &archive)
	if err != nil {
		t.Fatal(err)
	}
	files := unpack(t, archive.Bytes(), "twinway-"+c.namespace+"-demo/")
	if !strings.Contains(files["gateway.yaml"], "kind: Gateway") {
		t.Errorf("no Gateway: %q", files)
	}
	for _, what := range []string{"connections and subscriptions", "Secret: ", "Service: ", "events: ", "pods: ", "configuration: "} {
		if !strings.Contains(files["problems.txt"], what) || !strings.Contains(strings.Join(problems, "\n"), what) {
			t.Errorf("it does not say that it lacks %q:\n%s", what, files["problems.txt"])
		}
	}
}

func TestBundleErrors(t *testing.T) {
	c := newCluster(t, plantYAML)
	_, err := c.Bundle(c.ctx, c.namespace, "demi", time.Now(), io.Discard)
	mustFail(t, err, "did you mean demo?")
	_, err = c.Bundle(c.ctx, c.namespace, "demo", time.Now(), full{})
	mustFail(t, err, "write the bundle", "no room")
}

// endless is a log that does not end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no room") }

// unpack returns the files below the only folder of an archive.
func unpack(t *testing.T, archive []byte, folder string) map[string]string {
	t.Helper()
	plain, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for r := tar.NewReader(plain); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		name, inside := strings.CutPrefix(header.Name, folder)
		if !inside || !filepath.IsLocal(name) || header.Mode != 0o600 {
			t.Errorf("a file %s with mode %o", header.Name, header.Mode)
		}
		files[name] = string(data)
	}
}

// pod creates a pod of the Gateway that has restarted once.
func (c *cluster) pod(name string) {
	c.Helper()
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: c.namespace, Name: name, Labels: map[string]string{"twinway.dev/gateway": "demo"}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "gateway", Image: "twinway"}}},
	}
	if err := c.Client.Create(c.ctx, pod); err != nil {
		c.Fatal(err)
	}
	pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "gateway", RestartCount: 1}}
	c.update(pod)
}

// event creates an event of the Gateway if it exists, or of an object that does
// not.
func (c *cluster) event(gateway, reason, message string) {
	c.Helper()
	involved := corev1.ObjectReference{Kind: v1alpha1.GatewayKind, Namespace: c.namespace, Name: gateway, UID: "somebody"}
	var g v1alpha1.Gateway
	if gateway == "demo" {
		c.get(gateway, &g)
		involved.UID = g.UID
	}
	event := &corev1.Event{
		ObjectMeta:     metav1.ObjectMeta{Namespace: c.namespace, GenerateName: gateway},
		InvolvedObject: involved, Reason: reason, Message: message, Type: corev1.EventTypeNormal,
	}
	if err := c.Client.Create(c.ctx, event); err != nil {
		c.Fatal(err)
	}
}

// grant lets a user read one resource of the namespace.
func (c *cluster) grant(user, group, resource string) {
	c.Helper()
	set, err := kubernetes.NewForConfig(apiserver.Config())
	if err != nil {
		c.Fatal(err)
	}
	role := &rbacv1.Role{
		ObjectMeta: metav1.ObjectMeta{Name: "reader"},
		Rules:      []rbacv1.PolicyRule{{APIGroups: []string{group}, Resources: []string{resource}, Verbs: []string{"get", "list"}}},
	}
	if _, err := set.RbacV1().Roles(c.namespace).Create(c.ctx, role, metav1.CreateOptions{}); err != nil {
		c.Fatal(err)
	}
	binding := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "reader"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "reader"},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}},
	}
	if _, err := set.RbacV1().RoleBindings(c.namespace).Create(c.ctx, binding, metav1.CreateOptions{}); err != nil {
		c.Fatal(err)
	}
	c.await(user, resource)
}

// await waits until the API server has seen what was granted.
func (c *cluster) await(user, resource string) {
	c.Helper()
	p := newPlugin(c.T, apiserver.ConfigFor(c.T, user))
	for c.ctx.Err() == nil {
		if _, err := p.Status(c.ctx, c.namespace, ""); err == nil || !strings.Contains(err.Error(), resource+".twinway.dev is forbidden") {
			return
		}
	}
	c.Fatal("the rights are never there")
}

func writeManifests(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "all.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}
