package plugin_test

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/plugin"
)

func TestStatusOfANewGateway(t *testing.T) {
	c := newCluster(t, plantYAML)
	gateways, err := c.Status(c.ctx, c.namespace, "")
	if err != nil {
		t.Fatal(err)
	}
	c.mustPrint(func(w io.Writer) error { return plugin.PrintStatus(w, gateways) }, `
Gateway NS/demo  Not ready: Pending: the operator has not seen the latest change yet
  pods           0, 0 ready, 0 of them programmed
  configuration  none
  ├─ Connection broker (NATS)  Not ready: Pending: the operator has not seen the latest change yet
  └─ Connection cloud (DittoWebSocket)  Not ready: Pending: the operator has not seen the latest change yet
     ├─ Subscription down (Inbound Messages)  Not ready: Pending: the operator has not seen the latest change yet
     └─ Subscription up (Outbound TwinEvents)  Not ready: Pending: the operator has not seen the latest change yet
`)
}

func TestStatusNamesTheCause(t *testing.T) {
	c := newCluster(t, plantYAML)
	var gateway v1alpha1.Gateway
	c.report("demo", &gateway, "Accepted True Accepted", "Programmed True Programmed", "Ready True Ready all is well")
	gateway.Status.Replicas, gateway.Status.ReadyReplicas, gateway.Status.ProgrammedReplicas = 1, 1, 1
	gateway.Status.ConfigurationHash = strings.Repeat("0123456789abcdef", 4)
	gateway.Status.Image = "registry.example.com/twinway:1"
	c.update(&gateway)
	c.report("cloud", new(v1alpha1.Connection), "Ready False NotServed summary", "Accepted True Accepted", "Connected False NotServed this version does not")
	c.report("broker", new(v1alpha1.Connection), "Ready True Ready")
	c.report("up", new(v1alpha1.Subscription), "Ready Unknown Pending", "Active Unknown Pending wait\x1b[31m\nfor it")
	gateways, err := c.Status(c.ctx, c.namespace, "demo")
	if err != nil {
		t.Fatal(err)
	}
	c.mustPrint(func(w io.Writer) error { return plugin.PrintStatus(w, gateways) }, `
Gateway NS/demo  Ready
  pods           1, 1 ready, 1 of them programmed
  configuration  0123456789ab
  image          registry.example.com/twinway:1
  ├─ Connection broker (NATS)  Ready
  └─ Connection cloud (DittoWebSocket)  Not ready: NotServed: this version does not
     ├─ Subscription down (Inbound Messages)  Not ready: Pending: the operator has not seen the latest change yet
     └─ Subscription up (Outbound TwinEvents)  Not ready: Pending: wait\x1b[31m\nfor it
`)
}

// What a status said before the spec was changed is not shown as if it were
// about the new one.
func TestStatusOfAnEarlierGeneration(t *testing.T) {
	c := newCluster(t, gatewayYAML)
	var gateway v1alpha1.Gateway
	c.report("demo", &gateway, "Ready True Ready")
	gateway.Spec.Listener.Port = 8090
	if err := c.Client.Update(c.ctx, &gateway); err != nil {
		t.Fatal(err)
	}
	gateways, err := c.Status(c.ctx, c.namespace, "demo")
	if err != nil {
		t.Fatal(err)
	}
	if h := gateways[0].Health; h.Ready || h.Reason != v1alpha1.ReasonPending {
		t.Errorf("health: %v", h)
	}
}

func TestCauses(t *testing.T) {
	c := newCluster(t, gatewayYAML)
	for name, test := range map[string]struct {
		conditions []string
		want       string
	}{
		"paused before all":      {[]string{"Ready False Paused x", "Paused True Paused hands off", "Accepted False Invalid no"}, "Not ready: Paused: hands off"},
		"draining":               {[]string{"Ready False Draining x", "Draining True Draining bye", "Available False Draining y"}, "Not ready: Draining: bye"},
		"refused":                {[]string{"Ready False Invalid x", "Accepted False Invalid the port", "Programmed False NotCompiled z"}, "Not ready: Invalid: the port"},
		"reference":              {[]string{"Ready False RefNotFound x", "Accepted True Accepted", "ResolvedRefs False RefNotFound users"}, "Not ready: RefNotFound: users"},
		"nobody serves":          {[]string{"Ready False NoReadyPods x", "Programmed Unknown NoReadyPods none", "Available False Starting soon"}, "Not ready: NoReadyPods: none"},
		"draining no longer":     {[]string{"Ready False Starting wait", "Draining False Draining x"}, "Not ready: Starting: wait"},
		"no message":             {[]string{"Ready False Starting"}, "Not ready: Starting"},
		"ready in spite of that": {[]string{"Ready True Ready", "Reconciling True Pushing x"}, "Ready"},
	} {
		t.Run(name, func(t *testing.T) {
			c.report("demo", new(v1alpha1.Gateway), test.conditions...)
			gateways, err := c.Status(c.ctx, c.namespace, "demo")
			if err != nil {
				t.Fatal(err)
			}
			if got := gateways[0].Health.String(); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

func TestConnections(t *testing.T) {
	c := newCluster(t, plantYAML)
	c.report("cloud", new(v1alpha1.Connection), "Ready True Ready")
	for gateway, want := range map[string]int{"": 3, "demo": 2, "other": 1, "nobody": 0} {
		connections, err := c.Connections(c.ctx, c.namespace, gateway)
		if err != nil {
			t.Fatal(err)
		}
		if len(connections) != want {
			t.Errorf("%q has %d connections, want %d", gateway, len(connections), want)
		}
	}
	c.report("cloud", new(v1alpha1.Connection), "Ready False Connecting x", "Connected False Connecting The connection is not open: reconnecting: EOF")
	c.report("broker", new(v1alpha1.Connection), "Ready True Ready", "Connected True Connected")
	open, err := c.Connections(c.ctx, c.namespace, "demo")
	if err != nil {
		t.Fatal(err)
	}
	c.mustPrint(func(w io.Writer) error { return plugin.PrintConnections(w, open) }, `
Connection NS/broker of Gateway demo  Ready
  NATS nats://nats.example.com:4222  Open
Connection NS/cloud of Gateway demo  Not ready: Connecting: The connection is not open: reconnecting: EOF
  DittoWebSocket wss://ditto.example.com/ws/2  Connecting
  ├─ Subscription down (Inbound Messages)  Not ready: Pending: the operator has not seen the latest change yet
  └─ Subscription up (Outbound TwinEvents)  Not ready: Pending: the operator has not seen the latest change yet
`)
	connections, err := c.Connections(c.ctx, c.namespace, "other")
	if err != nil {
		t.Fatal(err)
	}
	c.mustPrint(func(w io.Writer) error { return plugin.PrintConnections(w, connections) }, `
Connection NS/foreign of Gateway other  Not ready: Pending: the operator has not seen the latest change yet
  NATS nats://nats.example.com:4222  Pending
  └─ Subscription foreign (Inbound Messages)  Not ready: Pending: the operator has not seen the latest change yet
`)
}

// Programs can rely on lists being there, and on ready being a boolean.
func TestStatusInJSON(t *testing.T) {
	c := newCluster(t, gatewayYAML)
	gateways, err := c.Status(c.ctx, c.namespace, "demo")
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(gateways)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"name":"demo"`, `"ready":false`, `"connections":[]`, `"reason":"Pending"`, `"readyReplicas":0`} {
		if !strings.Contains(string(data), want) {
			t.Errorf("no %s in %s", want, data)
		}
	}
}

func TestNoSuchGateway(t *testing.T) {
	c := newCluster(t, strings.ReplaceAll(gatewayYAML, "demo", "furnace")+"---"+strings.ReplaceAll(gatewayYAML, "demo", "press"))
	for name, says := range map[string]string{
		"furnance": "did you mean furnace?",
		"fur":      "did you mean furnace?",
		"pres":     "did you mean press?",
		"boiler":   "there is no Gateway " + c.namespace + "/boiler",
	} {
		_, err := c.Status(c.ctx, c.namespace, name)
		mustFail(t, err, says)
		if name == "boiler" && strings.Contains(err.Error(), "mean") {
			t.Errorf("it proposes something: %v", err)
		}
	}
}
