package plugin_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/plugin"
	"github.com/twinway/twinway/test/apiserver"
)

func TestMain(m *testing.M) { apiserver.Main(m, apiserver.Options{}) }

// patience guards against hanging and measures nothing.
const patience = 2 * time.Minute

// canary stands for secrets: it must never be seen.
const canary = "canary-7f3a"

// users is a bcrypt hash of the password ditto.
const users = "$2a$10$cAdndSyx8xgdDH29EAGbQukWu2X3yjf6AxwnhF6DLPv3Yerl7qd5C"

const gatewayYAML = `
apiVersion: twinway.dev/v1alpha1
kind: Gateway
metadata: {name: demo}
spec:
  listener: {port: 8080}
  authentication: {basic: {usersSecretRef: {name: users}}}
`

const usersYAML = `
apiVersion: v1
kind: Secret
metadata: {name: users, annotations: {note: ` + canary + `}}
stringData: {ditto: "` + users + `"}
`

// plantYAML is a Gateway with everything that may refer to it, and some that
// does not.
const plantYAML = gatewayYAML + "---" + usersYAML + `---
apiVersion: v1
kind: Secret
metadata: {name: cloud}
stringData: {username: me, password: ` + canary + `}
---
apiVersion: twinway.dev/v1alpha1
kind: Connection
metadata: {name: cloud}
spec:
  gatewayRef: {name: demo}
  type: DittoWebSocket
  uri: wss://ditto.example.com/ws/2
  credentials: {basic: {name: cloud}}
---
apiVersion: twinway.dev/v1alpha1
kind: Connection
metadata: {name: broker}
spec: {gatewayRef: {name: demo}, type: NATS, uri: "nats://nats.example.com:4222"}
---
apiVersion: twinway.dev/v1alpha1
kind: Connection
metadata: {name: foreign}
spec: {gatewayRef: {name: other}, type: NATS, uri: "nats://nats.example.com:4222", credentials: {basic: {name: private}}}
---
apiVersion: v1
kind: Secret
metadata: {name: private}
stringData: {username: they, password: theirs}
---
apiVersion: twinway.dev/v1alpha1
kind: Subscription
metadata: {name: up}
spec:
  connectionRef: {name: cloud}
  direction: Outbound
  signal: TwinEvents
  authorizationSubjects: ["integration:cloud"]
  target: {}
---
apiVersion: twinway.dev/v1alpha1
kind: Subscription
metadata: {name: down}
spec: {connectionRef: {name: cloud}, direction: Inbound, signal: Messages, authorizationSubjects: ["integration:cloud"]}
---
apiVersion: twinway.dev/v1alpha1
kind: Subscription
metadata: {name: foreign}
spec: {connectionRef: {name: foreign}, direction: Inbound, signal: Messages, authorizationSubjects: ["integration:cloud"]}
`

// cluster is a namespace of a cluster, and the plugin.
type cluster struct {
	*testing.T
	*plugin.Plugin
	ctx       context.Context
	namespace string
}

func newCluster(t *testing.T, manifests string) *cluster {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	c := &cluster{T: t, Plugin: newPlugin(t, apiserver.Config()), ctx: ctx, namespace: apiserver.Namespace(t)}
	c.create(manifests)
	return c
}

func newPlugin(t *testing.T, config *rest.Config) *plugin.Plugin {
	t.Helper()
	scheme, err := plugin.Scheme()
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		t.Fatal(err)
	}
	return &plugin.Plugin{Client: c, Logs: noLogs, Versions: map[string]string{"plugin": "test"}}
}

func noLogs(context.Context, *corev1.Pod, string, bool, int64) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader("")), nil
}

// create creates objects from manifests.
func (c *cluster) create(manifests string) {
	c.Helper()
	for text := range strings.SplitSeq(manifests, "---\n") {
		object := new(unstructured.Unstructured)
		if err := yaml.Unmarshal([]byte(text), object); err != nil {
			c.Fatalf("%v in %s", err, text)
		}
		object.SetNamespace(c.namespace)
		if err := c.Client.Create(c.ctx, object); err != nil {
			c.Fatal(err)
		}
	}
}

// get reads an object into one that has a name.
func (c *cluster) get(name string, object client.Object) {
	c.Helper()
	if err := c.Client.Get(c.ctx, client.ObjectKey{Namespace: c.namespace, Name: name}, object); err != nil {
		c.Fatal(err)
	}
}

// report writes the status of an object as an operator would: with conditions
// as "Type Status Reason message".
func (c *cluster) report(name string, object client.Object, conditions ...string) {
	c.Helper()
	c.get(name, object)
	var list []metav1.Condition
	for _, text := range conditions {
		parts := strings.SplitN(text+" ", " ", 4)
		list = append(list, metav1.Condition{
			Type: parts[0], Status: metav1.ConditionStatus(parts[1]), Reason: parts[2], Message: strings.TrimSpace(parts[3]),
			LastTransitionTime: metav1.NewTime(time.Unix(0, 0)), ObservedGeneration: object.GetGeneration(),
		})
	}
	switch o := object.(type) {
	case *v1alpha1.Gateway:
		o.Status.ObservedGeneration, o.Status.Conditions = o.Generation, list
	case *v1alpha1.Connection:
		o.Status.ObservedGeneration, o.Status.Conditions = o.Generation, list
	case *v1alpha1.Subscription:
		o.Status.ObservedGeneration, o.Status.Conditions = o.Generation, list
	}
	c.update(object)
}

func (c *cluster) update(object client.Object) {
	c.Helper()
	if err := c.Client.Status().Update(c.ctx, object); err != nil {
		c.Fatal(err)
	}
}

// mustPrint fails unless what is printed is as wanted, where NS stands for the
// namespace.
func (c *cluster) mustPrint(write func(io.Writer) error, want string) {
	c.Helper()
	var out bytes.Buffer
	if err := write(&out); err != nil {
		c.Fatal(err)
	}
	got := strings.ReplaceAll(out.String(), c.namespace, "NS")
	if want = strings.TrimPrefix(want, "\n"); got != want {
		c.Errorf("printed:\n%s\nwant:\n%s", got, want)
	}
}

func mustFail(t *testing.T, err error, says ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for _, text := range says {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("the error %q does not say %q", err, text)
		}
	}
}
