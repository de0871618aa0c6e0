package connections_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/twinway/twinway/internal/management"
)

// sample returns the manifests of a directory of config/samples without their Gateway, for which the base stands, with some texts
// replaced: where the other end is.
func sample(t testing.TB, name string, replace ...string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("../../config/samples", name, "*.yaml"))
	if err != nil || len(files) < 3 {
		t.Fatalf("%s has the files %v: %v", name, files, err)
	}
	var all []string
	for _, file := range files {
		if base := filepath.Base(file); base == "gateway.yaml" || base == "kustomization.yaml" {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(text))
	}
	for i := 0; i < len(replace); i += 2 {
		if !strings.Contains(strings.Join(all, ""), replace[i]) {
			t.Fatalf("%s does not say %s", name, replace[i])
		}
	}
	replace = append(replace, "name: demo-"+name, "name: demo")
	return strings.NewReplacer(replace...).Replace(strings.Join(all, "\n---\n"))
}

// A device speaks MQTT, its twin is made when it first speaks, and an application talks with both: the example of the README.
func TestDeviceTwinAndApplication(t *testing.T) {
	t.Parallel()
	broker := startMQTT(t)
	w := start(t, sample(t, "mqtt", "127.0.0.1:1883", broker.address))
	w.awaitState("devices", management.LinkOpen)
	application := w.app("START-SEND-EVENTS")
	const thing = "org.acme:lamp"
	device := broker.device(t, "lamp", "devices/"+thing+"/down", "devices/"+thing+"/replies")

	device.publish("devices/"+thing+"/up", envelope("org.acme/lamp/things/twin/commands/modify", "/attributes/on", "true", `{"correlation-id":"first"}`))
	application.await("the thing that was created", containing(`"org.acme/lamp/things/twin/events/created"`))
	application.await("the event", containing(`"org.acme/lamp/things/twin/events/created"`, `"path":"/attributes/on"`, `"value":true`))
	if status, answer := w.do(http.MethodGet, "/api/2/things/"+thing+"/attributes", ""); status != http.StatusOK || answer != `{"on":true}` {
		t.Errorf("the twin is %d %s", status, answer)
	}
	eventually(t, "a reply to the device", func() bool { return len(device.received("devices/"+thing+"/replies")) == 1 })
	if reply := device.received("devices/" + thing + "/replies")[0]; !containing(`"correlation-id":"first"`, `"status":201`)(reply) {
		t.Errorf("the reply is %s", reply)
	}

	// It speaks for itself alone.
	device.publish("devices/"+thing+"/up", envelope("org.acme/other/things/twin/commands/modify", "/attributes/on", "true", `{"correlation-id":"second"}`))
	eventually(t, "a refusal", func() bool { return len(device.received("devices/"+thing+"/replies")) == 2 })
	if reply := device.received("devices/" + thing + "/replies")[1]; !containing(`"status":400`, "enforcement.failed", "second")(reply) {
		t.Errorf("the refusal is %s", reply)
	}
	if status, _ := w.do(http.MethodGet, "/api/2/things/org.acme:other", ""); status != http.StatusNotFound {
		t.Errorf("what is not the device's is there: %d", status)
	}

	application.send(envelope("org.acme/lamp/things/live/messages/blink", "/inbox/messages/blink", `"thrice"`,
		`{"correlation-id":"third","content-type":"text/plain","response-required":false}`))
	eventually(t, "a message for the device", func() bool { return len(device.received("devices/"+thing+"/down")) == 1 })
	if message := device.received("devices/" + thing + "/down")[0]; !containing("messages/blink", `"value":"thrice"`)(message) {
		t.Errorf("the message is %s", message)
	}
}

// A server is told of things as they are, and its answers to messages are their responses.
func TestSampleOfHTTPPush(t *testing.T) {
	t.Parallel()
	type request struct{ path, token, media, body string }
	told := make(chan request, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		told <- request{r.URL.RequestURI(), r.Header.Get("Authorization"), r.Header.Get("Content-Type"), string(body)}
		if strings.Contains(r.URL.Path, "/messages/") {
			w.Header().Set("Content-Type", "text/plain")
			_, _ = io.WriteString(w, "well done: "+string(body))
		}
	}))
	t.Cleanup(server.Close)
	w := start(t, sample(t, "httppush", "http://127.0.0.1:9000", server.URL, "replace-me", "of-the-hooks"))
	w.awaitState("hooks", management.LinkOpen)
	w.must(http.MethodPut, "/api/2/things/org.acme:lamp", `{"attributes":{"on":true}}`)
	w.must(http.MethodPut, "/api/2/things/org.acme:lamp/attributes/on", `false`)
	for _, on := range []string{"true", "false"} {
		r := <-told
		if r.path != "/hooks/twins/org.acme:lamp" || r.token != "Bearer of-the-hooks" || !containing(`"thingId":"org.acme:lamp"`, `"on":`+on)(r.body) {
			t.Errorf("the server was told %+v", r)
		}
	}
	application := w.app()
	application.send(envelope("org.acme/lamp/things/live/messages/blink", "/inbox/messages/blink", `"thrice"`, `{"correlation-id":"m","content-type":"text/plain"}`))
	application.await("the answer of the server", containing(`"status":200`, `"well done: thrice"`, `"m"`))
	if r := <-told; r.path != "/hooks/messages/blink?thing=org.acme:lamp" && r.path != "/hooks/messages/blink?thing=org.acme%3Alamp" || r.media != "text/plain" || r.body != "thrice" {
		t.Errorf("the server was asked %+v", r)
	}
}

// Commands come from a topic, and answers and events go to others.
func TestSampleOfKafka(t *testing.T) {
	t.Parallel()
	k := newKafka(t)
	w := start(t, sample(t, "kafka", "tcp://127.0.0.1:9092", k.uri()))
	w.awaitState("lake", management.LinkOpen)
	w.must(http.MethodPut, "/api/2/things/org.acme:lamp", `{}`)
	record := &kgo.Record{
		Topic: "twin-commands", Key: []byte("org.acme:lamp"), Headers: []kgo.RecordHeader{{Key: "correlation-id", Value: []byte("c-1")}},
		Value: []byte(envelope("org.acme/lamp/things/twin/commands/modify", "/attributes/on", "true", "")),
	}
	if err := k.client().ProduceSync(t.Context(), record).FirstErr(); err != nil {
		t.Fatal(err)
	}
	replies := k.records("twin-replies", 1)
	w.must(http.MethodPut, "/api/2/things/org.acme:lamp/attributes/off", "false")
	events := k.records("twin-events", 2) // not what came by the same connection
	if r := replies[0]; string(r.Key) != "org.acme:lamp" || headerOf(r, "correlation-id") != "c-1" || !containing(`"status":201`)(string(r.Value)) {
		t.Errorf("the reply is %s %v %s", r.Key, r.Headers, r.Value)
	}
	for i, want := range []string{"things/twin/events/created", `"path":"/attributes/off"`} {
		if e := events[i]; string(e.Key) != "org.acme:lamp" || !containing(`"specversion":"1.0"`, want)(string(e.Value)) {
			t.Errorf("event %d is %s %s", i, e.Key, e.Value)
		}
	}
	if status, answer := w.do(http.MethodGet, "/api/2/things/org.acme:lamp/attributes/on", ""); status != http.StatusOK || answer != `true` {
		t.Errorf("the twin is %d %s", status, answer)
	}
}

// A command is a request, and each change is published.
func TestSampleOfNATS(t *testing.T) {
	t.Parallel()
	n := newBareNATS(t, nil)
	w := start(t, sample(t, "nats", "127.0.0.1:4222", n.at))
	w.awaitState("mesh", management.LinkOpen)
	client := n.client()
	events, err := client.SubscribeSync("twins.events.>")
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Flush(); err != nil {
		t.Fatal(err)
	}
	w.must(http.MethodPut, "/api/2/things/org.acme:lamp", `{}`)
	command := envelope("org.acme/lamp/things/twin/commands/modify", "/attributes/on", "true", `{"correlation-id":"c-1"}`)
	reply, err := client.Request("twins.commands.any", []byte(command), patience)
	if err != nil || !containing(`"status":201`, "c-1")(string(reply.Data)) {
		t.Fatalf("the reply is %v: %v", reply, err)
	}
	w.must(http.MethodPut, "/api/2/things/org.acme:lamp/attributes/off", "false")
	for _, want := range []string{"things/twin/events/created", `"path":"/attributes/off"`} { // not what came by the same connection
		event, err := events.NextMsg(patience)
		if err != nil || event.Subject != "twins.events.org.acme.lamp" || !containing(want)(string(event.Data)) {
			t.Errorf("the event is %v: %v", event, err)
		}
	}
}

// The cloud sees of the edge what is warm, and talks to its devices.
func TestSampleOfTheEdge(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	edge := start(t, sample(t, "edge", "wss://twins.example.com", "ws://"+cloud.public, "name: edge", "name: demo", "replace-me", "ditto"))
	edge.awaitState("cloud", management.LinkOpen)
	const thing = "com.example.plant:press"
	for _, w := range []*world{cloud, edge} {
		w.policy("com.example.plant:open", "integration:cloud")
		w.must(http.MethodPut, "/api/2/things/"+thing, `{"policyId":"com.example.plant:open","features":{"motor":{"properties":{"temperature":20}}}}`)
	}
	for _, degrees := range []string{"50", "70", "40"} {
		edge.must(http.MethodPut, "/api/2/things/"+thing+"/features/motor/properties/temperature", degrees)
	}
	eventually(t, "the cloud sees what is warm", func() bool {
		return cloud.must(http.MethodGet, "/api/2/things/"+thing+"/features/motor/properties/temperature", "") == "70"
	})
	device := edge.app("START-SEND-MESSAGES")
	application := cloud.app()
	application.send(envelope("com.example.plant/press/things/live/messages/stop", "/inbox/messages/stop", `"now"`, `{"correlation-id":"stop","content-type":"text/plain"}`))
	device.await("a message from the cloud", containing("/inbox/messages/stop", `"now"`))
	device.send(`{"topic":"com.example.plant/press/things/live/messages/stop","path":"/inbox/messages/stop","headers":{"correlation-id":"stop","content-type":"text/plain"},"status":200,"value":"stopped"}`)
	application.await("the answer of the device", containing(`"status":200`, `"stopped"`))
}
