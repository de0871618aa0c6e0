package compile_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/internal/snapshot/compile"
)

// became returns what became of everything, one line for each object: a Gateway
// with the hash-free content of its snapshot, and its links below.
func became(outcomes []compile.Outcome, orphans []compile.Link) []string {
	var all []string
	for _, o := range outcomes {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s: %s %s", o.Gateway, names(o.Snapshot), strings.Join(texts(o.Findings), "; "))))
		all = append(all, linkLines("  ", o.Links)...)
	}
	return append(all, linkLines("orphan ", orphans)...)
}

func linkLines(prefix string, links []compile.Link) []string {
	var all []string
	for _, l := range links {
		var problems []string
		for _, f := range l.Findings {
			problems = append(problems, strings.TrimSpace(f.FieldPath+" "+f.Message))
		}
		state := "refused"
		if l.Accepted {
			state = "accepted"
		}
		all = append(all, strings.TrimRight(prefix+fmt.Sprintf("%s %s %s", l.Object, state, strings.Join(problems, "; ")), " "))
	}
	return all
}

// names returns the names of what is in a snapshot.
func names(s *snapshot.Snapshot) string {
	if s == nil {
		return "none"
	}
	var all []string
	for _, c := range s.Connections {
		all = append(all, c.Name)
	}
	for _, sub := range s.Subscriptions {
		all = append(all, sub.Connection+">"+sub.Name)
	}
	return "[" + strings.Join(all, " ") + "]"
}

func in[O interface{ SetNamespace(string) }](namespace string, object O) O {
	object.SetNamespace(namespace)
	return object
}

func TestOneBadObjectBlocksNoOther(t *testing.T) {
	badGateway := gateway()
	badGateway.Name = "bad"
	badGateway.Spec.Listener.Port = 0
	ofBad := connection("of-bad")
	ofBad.Spec.GatewayRef.Name = "bad"
	badConnection := connection("broken")
	badConnection.Spec.URI = "wss:"
	badSubscription := subscription("bad", "good")
	badSubscription.Spec.Signal = "Other"
	lost := connection("lost")
	lost.Spec.GatewayRef.Name = "nowhere"
	elsewhere := in("elsewhere", connection("elsewhere"))

	outcomes, orphans := compile.Gateways(world(
		badGateway, ofBad, badConnection, badSubscription, lost, elsewhere, connection("good"),
		subscription("good", "good"), subscription("of-broken", "broken"), subscription("of-of-bad", "of-bad"),
		subscription("of-lost", "lost"), subscription("of-nothing", "nothing"),
		in("elsewhere", subscription("of-good", "good")),
	))
	want := []string{
		"default/bad: none Gateway default/bad: spec.listener.port: must be between 1 and 65535, got 0",
		"  Connection default/of-bad accepted",
		"  Subscription default/of-of-bad accepted",
		"default/demo: [good good>good]",
		"  Connection default/broken refused spec.uri must be scheme://host:port/path, without user name, password, query and fragment",
		"  Connection default/good accepted",
		`  Subscription default/bad refused spec.signal must be TwinEvents or Messages or LiveCommands or LiveEvents or PolicyAnnouncements, got "Other"`,
		"  Subscription default/good accepted",
		"  Subscription default/of-broken refused spec.connectionRef.name Connection default/broken is refused",
		"orphan Connection default/lost refused spec.gatewayRef.name Gateway default/nowhere not found",
		"orphan Connection elsewhere/elsewhere refused spec.gatewayRef.name Gateway elsewhere/demo not found",
		"orphan Subscription default/of-lost refused spec.connectionRef.name Connection default/lost is refused",
		"orphan Subscription default/of-nothing refused spec.connectionRef.name Connection default/nothing not found",
		"orphan Subscription elsewhere/of-good refused spec.connectionRef.name Connection elsewhere/good not found",
	}
	if diff := cmp.Diff(want, became(outcomes, orphans)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestGatewaysAreSortedByNamespaceAndName(t *testing.T) {
	o := compile.Objects{}
	for _, id := range []string{"b/a", "a/c", "a/b"} {
		namespace, name, _ := strings.Cut(id, "/")
		g := in(namespace, gateway())
		g.Name = name
		o.Gateways = append(o.Gateways, compile.Gateway{Gateway: g})
	}
	o.Secrets = []compile.Secret{{Secret: in("a", users())}, {Secret: in("b", users())}}
	outcomes, orphans := compile.Gateways(o)
	if diff := cmp.Diff([]string{"a/b: []", "a/c: []", "b/a: []"}, became(outcomes, orphans)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Nobody can say which of two objects is meant, whatever their order is.
func TestWhatIsThereTwiceIsRefusedWithWhoNeedsIt(t *testing.T) {
	closed := connection("cloud")
	closed.Spec.State = new(v1alpha1.ConnectionClosed)
	withCA := connection("trusting")
	withCA.Spec.TLS = &v1alpha1.ConnectionTLS{CA: inSecret("trust", "ca.crt")}
	trust := func() any { return opaque("", "trust", "ca.crt", mustCertificate(t)) }
	unused := func() any { return opaque("", "unused") }

	objects := []any{connection("cloud"), closed, withCA, trust(), trust(), unused(), unused(), subscription("events", "cloud"), connection("good"),
		connection("second"), subscription("double", "good"), subscription("double", "second")}
	want := []string{
		"default/demo: [good second]",
		"  Connection default/cloud refused metadata.name is there already, in config/more.yaml[*]",
		"  Connection default/good accepted",
		"  Connection default/second accepted",
		"  Connection default/trusting refused metadata.name is there already, in config/more.yaml[*]",
		"  Subscription default/double refused metadata.name is there already, in config/more.yaml[*]",
		"  Subscription default/events refused spec.connectionRef.name Connection default/cloud is refused",
	}
	for range 2 {
		got := became(compile.Gateways(world(objects...)))
		for i := range got {
			if before, _, ok := strings.Cut(got[i], "more.yaml["); ok {
				got[i] = before + "more.yaml[*]"
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		slices.Reverse(objects)
	}

	snap, findings := compile.Compile(world(objects...))
	if names(snap) != "[good second]" {
		t.Errorf("snapshot %s", names(snap))
	}
	count := 0
	for _, f := range findings {
		if f.Rule == snapshot.RuleUnique {
			count++
		}
	}
	if count != 4 {
		t.Errorf("%d objects are reported as there twice, want 4: each once, and also one that nobody needs:\n%v", count, findings)
	}
}

func TestAGatewayThereTwiceIsRefused(t *testing.T) {
	outcomes, _ := compile.Gateways(world(gateway(), connection("cloud")))
	want := []string{
		"default/demo: none Gateway default/demo: metadata.name: is there already, in [0]",
		"  Connection default/cloud accepted",
	}
	if diff := cmp.Diff(want, became(outcomes, nil)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCompileReportsEverything(t *testing.T) {
	bad := connection("bad")
	bad.Spec.URI = ""
	lost := connection("lost")
	lost.Spec.GatewayRef.Name = "nowhere"
	snap, findings := compile.Compile(world(bad, lost, connection("good"), subscription("of-bad", "bad")))
	if names(snap) != "[good]" {
		t.Errorf("snapshot %s", names(snap))
	}
	want := []string{
		"Connection default/bad: spec.uri: must be scheme://host:port/path, without user name, password, query and fragment",
		"Subscription default/of-bad: spec.connectionRef.name: Connection default/bad is refused",
		"Connection default/lost: spec.gatewayRef.name: Gateway default/nowhere not found",
	}
	if diff := cmp.Diff(want, texts(findings)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

// What is beyond the bounds in the order of names is refused, and nothing else.
func TestHowManyLinksAGatewayHas(t *testing.T) {
	var objects []any
	for i := range 258 {
		objects = append(objects, connection(fmt.Sprintf("c%04d", i)))
	}
	for i := range 1026 {
		s := subscription(fmt.Sprintf("s%04d", i), "c0000")
		s.Spec.Direction, s.Spec.Target = v1alpha1.Outbound, &v1alpha1.Target{}
		objects = append(objects, s)
	}
	slices.Reverse(objects)
	outcomes, _ := compile.Gateways(world(objects...))
	snap := outcomes[0].Snapshot
	if len(snap.Connections) != 256 || snap.Connections[255].Name != "c0255" || len(snap.Subscriptions) != 1024 || snap.Subscriptions[1023].Name != "s1023" {
		t.Errorf("there are %d Connections and %d Subscriptions", len(snap.Connections), len(snap.Subscriptions))
	}
	var refused []string
	for _, l := range outcomes[0].Links {
		if !l.Accepted {
			refused = append(refused, texts(l.Findings)...)
		}
	}
	want := []string{
		"Connection default/c0256: a Gateway has at most 256 Connections, the first by name; this one has 258",
		"Connection default/c0257: a Gateway has at most 256 Connections, the first by name; this one has 258",
		"Subscription default/s1024: a Gateway has at most 1024 Subscriptions, the first by name; this one has 1026",
		"Subscription default/s1025: a Gateway has at most 1024 Subscriptions, the first by name; this one has 1026",
	}
	if diff := cmp.Diff(want, refused); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
}

// A configuration that cannot be stored is refused, with what takes the room.
func TestAConfigurationThatIsTooLarge(t *testing.T) {
	ca := opaque("", "trust", "ca.crt", strings.Repeat(mustCertificate(t), 200))
	size := len(ca.Data["ca.crt"])
	var objects []any
	for i := range snapshot.MaxEncodedSize/size + 1 {
		c := connection(fmt.Sprintf("c%02d", i))
		c.Spec.TLS = &v1alpha1.ConnectionTLS{CA: inSecret("trust", "ca.crt")}
		objects = append(objects, c)
	}
	outcomes, _ := compile.Gateways(world(append(objects, ca)...))
	got := outcomes[0]
	if got.Snapshot != nil || len(got.Findings) != 1 {
		t.Fatalf("snapshot %v, findings %v", got.Snapshot, got.Findings)
	}
	f := got.Findings[0]
	if f.Rule != snapshot.RuleBounded || f.FieldPath != "" || f.Object.Kind != "Gateway" {
		t.Errorf("finding %+v", f)
	}
	for _, want := range []string{"but only 976 KiB can be stored; its largest parts are Connection c00 (", "Connection c01 (", "Connection c02 ("} {
		if !strings.Contains(f.Message, want) {
			t.Errorf("%q is not in %q", want, f.Message)
		}
	}
	outcomes, _ = compile.Gateways(world(append(objects[1:], ca)...))
	if snap := outcomes[0].Snapshot; snap == nil || len(snap.Encode()) > snapshot.MaxEncodedSize {
		t.Errorf("one less: %v", outcomes[0].Findings)
	}
}
