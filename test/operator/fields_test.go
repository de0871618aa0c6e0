package operator_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/render"
)

// field is one of a Gateway's spec, by its path, and another value of it in JSON
// than a Gateway of these tests has.
type field struct{ path, value string }

// liveFields reach running gateways, which keep their sessions.
var liveFields = []field{
	{"authentication.basic.usersSecretRef.name", `"other-users"`},
	{"authentication.basic.subjectPrefix", `"users"`},
	{"authentication.oidc", `[{"name":"plant","issuers":["https://127.0.0.1:1/none"]}]`},
	{"authentication.preAuthenticated.source", `"Header"`},
	{"authentication.clockSkew", `"20s"`},
	{"authentication.tokenIntegrationSubject", `"integration:{{ jwt:azp }}"`},
	{"entityCreation.grant", `[{"authSubjects":["*:ditto"]}]`},
	{"entityCreation.revoke", `[{"namespaces":["forbidden"]}]`},
	{"namespaceAccess", `[{"allowedNamespaces":["*"]}]`},
	{"policies.lockoutPrevention", `"Disabled"`},
	{"policies.subjectExpiryGranularity", `"2h"`},
	{"policies.announcements.granularity", `"2s"`},
	{"policies.announcements.gracePeriod", `"3h"`},
	{"policies.announcements.timeout", `"50s"`},
	{"policies.namespaceRoots", `[{"pattern":"plant.*","policies":["plant:root"]}]`},
	{"storage.history.maxRecords", `7`},
	{"storage.history.maxAge", `"720h"`},
	{"defaultNamespace", `"org.example"`},
	{"limits.message.maxSize", `"2Mi"`},
	{"limits.thing.maxSize", `4096`},
	{"limits.policy.maxSize", `4096`},
	{"limits.policy.maxImports", `3`},
	{"limits.sessions.max", `500`},
	{"limits.sessions.inFlightCommands", `16`},
	{"limits.sessions.outboundQueue", `100`},
	{"limits.sessions.overflow", `"DropNewest"`},
	{"limits.authentication.failuresPerMinute", `100`},
	{"session.pingInterval", `"20s"`},
	{"session.handshakeTimeout", `"5s"`},
	{"session.commandTimeout", `"30s"`},
	{"http.cors", `{"allowedOrigins":["https://example.com"],"credentials":"Enabled","maxAge":"5m"}`},
}

// objectFields change objects beside the pods, and nothing that a gateway knows.
var objectFields = []struct {
	field
	// of is the object that changes, and gone says that it goes.
	of   renderedObject
	gone bool
}{
	{field{"service.port", `80`}, theService, false},
	{field{"service.annotations", `{"example.org/x":"y"}`}, theService, false},
	{field{"service.type", `"NodePort"`}, theService, false},
	{field{"service.nodePort", `31234`}, theService, false},
	{field{"disruptionBudget.maxUnavailable", `0`}, renderedObject{kindOf("PodDisruptionBudget"), "edge"}, false},
	{field{"disruptionBudget.state", `"Disabled"`}, renderedObject{kindOf("PodDisruptionBudget"), "edge"}, true},
	{field{"networkPolicy.state", `"Disabled"`}, renderedObject{kindOf("NetworkPolicy"), "edge"}, true},
	{field{"monitoring.interval", `"10s"`}, theMonitor, false},
	{field{"monitoring.labels", `{"release":"prometheus"}`}, theMonitor, false},
	{field{"monitoring.podMonitor", `"Disabled"`}, theMonitor, true},
	{field{"storage.volume.size", `"20Gi"`}, theClaim, false},
	{field{"storage.volume.retention", `"Delete"`}, theClaim, false},
	{field{"replicas", `1`}, renderedObject{}, false}, // as it was by default
	{field{"workload.updatePolicy", `"Automatic"`}, renderedObject{}, false},
}

var (
	theService = renderedObject{kindOf("Service"), "edge"}
	theMonitor = renderedObject{kindOf("PodMonitor"), "edge"}
	theClaim   = renderedObject{kindOf("PersistentVolumeClaim"), "edge-data"}
)

// podFields replace the pods.
var podFields = []struct {
	field
	reason render.RestartReason
}{
	{field{"listener.port", `9000`}, render.ReasonListenerChanged},
	{field{"listener.tls.certificateRef.name", `"edge-tls"`}, render.ReasonListenerChanged},
	{field{"storage.cacheSize", `"32Mi"`}, render.ReasonStorageChanged},
	{field{"search.index.fields", `["attributes/location"]`}, render.ReasonIndexChanged},
	{field{"workload.image", `"twinway:other"`}, render.ReasonImageChanged},
	{field{"workload.resources", `{"limits":{"memory":"256Mi"}}`}, render.ReasonResourcesChanged},
	{field{"workload.pod.labels", `{"team":"plant"}`}, render.ReasonPodChanged},
	{field{"workload.pod.annotations", `{"example.org/x":"y"}`}, render.ReasonPodChanged},
	{field{"workload.pod.nodeSelector", `{"disk":"fast"}`}, render.ReasonPodChanged},
	{field{"workload.pod.tolerations", `[{"operator":"Exists"}]`}, render.ReasonPodChanged},
	{field{"workload.pod.affinity", `{"nodeAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":1,"preference":{"matchFields":[{"key":"metadata.name","operator":"In","values":["a"]}]}}]}}`}, render.ReasonPodChanged},
	{field{"workload.pod.priorityClassName", `"system-cluster-critical"`}, render.ReasonPodChanged},
	{field{"workload.pod.imagePullSecrets", `[{"name":"registry"}]`}, render.ReasonPodChanged},
	{field{"drain.minDelay", `"100ms"`}, render.ReasonDrainChanged},
	{field{"drain.budget", `"2s"`}, render.ReasonDrainChanged},
}

// otherFields have tests of their own, or cannot be changed.
var otherFields = []string{
	"autoscaling",                     // TestAutoscaling
	"service.loadBalancerClass",       // of load balancers, which these tests have none of
	"storage.type",                    // has one value so far
	"storage.volume.type",             // is fixed
	"storage.volume.storageClassName", // is fixed
}

// A field that is in no table is one whose way to the pods nobody has tried.
func TestEveryFieldIsTried(t *testing.T) {
	var tried []string
	for _, f := range liveFields {
		tried = append(tried, f.path)
	}
	for _, f := range objectFields {
		tried = append(tried, f.path)
	}
	for _, f := range podFields {
		tried = append(tried, f.path)
	}
	tried = append(tried, otherFields...)
	paths := pathsOf(reflect.TypeFor[v1alpha1.GatewaySpec](), "")
	for _, path := range paths {
		if !slices.ContainsFunc(tried, func(t string) bool { return path == t || strings.HasPrefix(path, t+".") }) {
			t.Errorf("%s is not tried", path)
		}
	}
	for _, path := range tried {
		if !slices.ContainsFunc(paths, func(p string) bool { return path == p || strings.HasPrefix(p, path+".") }) {
			t.Errorf("%s does not exist", path)
		}
	}
}

// pathsOf returns the paths of all fields, down to those that are no struct of
// ours.
func pathsOf(of reflect.Type, at string) []string {
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct || of.PkgPath() != reflect.TypeFor[v1alpha1.GatewaySpec]().PkgPath() {
		return []string{strings.TrimPrefix(at, ".")}
	}
	var paths []string
	for f := range of.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		paths = append(paths, pathsOf(f.Type, at+"."+name)...)
	}
	return paths
}

// set changes one field of the spec.
func (w *world) set(g *v1alpha1.Gateway, f field) {
	w.Helper()
	patch := f.value
	names := strings.Split("spec."+f.path, ".")
	for _, name := range slices.Backward(names) {
		key, err := json.Marshal(name)
		if err != nil {
			w.Fatal(err)
		}
		patch = "{" + string(key) + ":" + patch + "}"
	}
	if err := w.Patch(w.ctx, g, client.RawPatch(types.MergePatchType, []byte(patch))); err != nil {
		w.Fatalf("set %s: %v", f.path, err)
	}
}
