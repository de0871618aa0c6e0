package compile_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/internal/snapshot/compile"
)

// schema is as much of a CustomResourceDefinition's schema as the tests read.
type schema struct {
	Type        string            `json:"type"`
	Description string            `json:"description"`
	Properties  map[string]schema `json:"properties"`
	Values      *schema           `json:"additionalProperties"`
	Required    []string          `json:"required"`
	Items       *schema           `json:"items"`
	ListType    string            `json:"x-kubernetes-list-type"`
	MinItems    int               `json:"minItems"`
	MaxItems    int               `json:"maxItems"`
	MaxEntries  int               `json:"maxProperties"`
	Enum        []string          `json:"enum"`
	Default     any               `json:"default"`
	Pattern     string            `json:"pattern"`
	MinLength   int               `json:"minLength"`
	MaxLength   int               `json:"maxLength"`
	IntOrString bool              `json:"x-kubernetes-int-or-string"`
	Validations []validation      `json:"x-kubernetes-validations"`
}

// validation is a rule in CEL.
type validation struct {
	Rule    string `json:"rule"`
	Message string `json:"message"`
}

// rules returns the messages of the rules that are not about a change.
func (s schema) rules() []string {
	var messages []string
	for _, v := range s.Validations {
		if !strings.Contains(v.Rule, "oldSelf") {
			messages = append(messages, v.Message)
		}
	}
	return messages
}

var (
	pairOnce, caOnce sync.Once
	pairOfLinks      keyPair
	caOfLinks        string
)

// linkPair and linkCA are made once: each of the tests below compiles hundreds of
// objects.
func linkPair(t *testing.T) keyPair {
	pairOnce.Do(func() { pairOfLinks = newKeyPair(t, "link") })
	return pairOfLinks
}

func linkCA(t *testing.T) string {
	caOnce.Do(func() { caOfLinks = mustCertificate(t) })
	return caOfLinks
}

// readSchema returns the schema of a kind.
func readSchema(t *testing.T, plural string) schema {
	t.Helper()
	data, err := os.ReadFile("../../../config/crd/bases/twinway.dev_" + plural + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	var definition struct {
		Spec struct {
			Versions []struct {
				Schema struct {
					OpenAPIV3Schema schema `json:"openAPIV3Schema"`
				} `json:"schema"`
			} `json:"versions"`
		} `json:"spec"`
	}
	if err := yaml.Unmarshal(data, &definition); err != nil {
		t.Fatal(err)
	}
	return definition.Spec.Versions[0].Schema.OpenAPIV3Schema
}

// foreign are the fields whose content is in the words of Kubernetes itself,
// which checks it when pods are applied.
var foreign = []string{"spec.workload.resources", "spec.workload.pod.affinity", "spec.workload.pod.tolerations"}

// each calls f for a field and for every field below it, of lists for those of
// the first entry.
func each(path string, s schema, required bool, f func(path string, s schema, required bool)) {
	f(path, s, required)
	if slices.Contains(foreign, path) {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		each(path+"."+name, s.Properties[name], slices.Contains(s.Required, name), f)
	}
	if s.Items != nil {
		each(path+"[0]", *s.Items, true, f)
	}
	if s.Values != nil {
		f(path+"[key]", *s.Values, true)
	}
}

// kind is what the tests need of a kind: objects that are broken field by field.
type kind struct {
	name, plural string
	// full returns an object with an entry in every list, from which one that has
	// the field at a path can be made. Fields that exclude each other may be
	// there; what is found about that does not matter.
	full func(t *testing.T, path string) map[string]any
	// around returns an object and everything that it refers to.
	around func(t *testing.T, object map[string]any) compile.Objects
	// broken holds, for every object or map with a rule, what breaks it.
	broken map[string]map[string]patch
}

// patch is values of fields by their paths.
type patch map[string]any

var kinds = []kind{gateways, connections, subscriptions}

var gateways = kind{
	name: v1alpha1.GatewayKind, plural: "gateways",
	full: func(t *testing.T, _ string) map[string]any { return tree(t, full()) },
	around: func(t *testing.T, object map[string]any) compile.Objects {
		secret, configMap, pair := users(), settings(), linkPair(t).secret("plant", "demo-tls")
		secret.Namespace, configMap.Namespace = "plant", "plant"
		o := objects([]*v1alpha1.Gateway{fromTree[v1alpha1.Gateway](t, object)}, secret, pair)
		o.ConfigMaps = []compile.ConfigMap{{ConfigMap: configMap}}
		return o
	},
	broken: map[string]map[string]patch{
		"": {
			"the name must be a DNS label that begins with a letter, of at most 40 characters: Services are named after it": {"metadata.name": "1a"},
		},
		"spec": {
			"embedded storage has one writer: replicas must be 0 or 1":           {"spec.replicas": 2},
			"embedded storage has one writer: autoscaling.maxReplicas must be 1": {"spec.autoscaling.maxReplicas": 2},
			"replicas and autoscaling exclude each other":                        {"spec.replicas": 1},
		},
		"spec.authentication": {
			"at least one authentication method is required: basic, oidc or preAuthenticated": {"spec.authentication": patch{}},
		},
		"spec.authentication.oidc[0].keys": {
			"must not have both jwks and ca, which is for fetching keys": {"spec.authentication.oidc[0].keys": patch{"jwks": patch{}, "ca": patch{}}},
		},
		"spec.authentication.oidc[0].keys.jwks": {
			"must have either secretKeyRef or configMapKeyRef": {"spec.authentication.oidc[0].keys.jwks": patch{}},
		},
		"spec.authentication.oidc[0].keys.ca": {
			"must have either secretKeyRef or configMapKeyRef": {"spec.authentication.oidc[0].keys.ca": patch{}},
		},
		"spec.http.cors": {
			"must be Disabled for all origins; name the origins that may send credentials": {"spec.http.cors.allowedOrigins": []any{"*"}},
		},
		"spec.autoscaling": {
			"minReplicas must not be above maxReplicas": {"spec.autoscaling.minReplicas": 2},
		},
		"spec.service": {
			"nodePort is for types NodePort and LoadBalancer": {"spec.service.type": "ClusterIP"},
			"loadBalancerClass is for type LoadBalancer":      {"spec.service.type": "NodePort"},
		},
		"spec.service.annotations": brokenAnnotations("spec.service.annotations"),
		"spec.storage.volume": {
			"size, storageClassName and retention are for type Claim": {"spec.storage.volume.type": "Ephemeral"},
		},
		"spec.monitoring.labels":        brokenLabels("spec.monitoring.labels"),
		"spec.workload.pod.annotations": brokenAnnotations("spec.workload.pod.annotations"),
		"spec.workload.pod.labels": {
			labelKeys: {"spec.workload.pod.labels": patch{"a b": ""}},
			"labels of twinway.dev and app.kubernetes.io are the operator's": {"spec.workload.pod.labels": patch{"app.kubernetes.io/name": "x"}},
		},
		"spec.workload.pod.nodeSelector": brokenLabels("spec.workload.pod.nodeSelector"),
		"spec.workload.resources": {
			"claims of dynamic resources are not supported": {"spec.workload.resources.claims": []any{patch{"name": "gpu"}}},
			"limits.memory must be at least 64Mi":           {"spec.workload.resources.limits": patch{"memory": "63Mi"}},
			"requests must not be above limits":             {"spec.workload.resources.limits": patch{"cpu": "100m", "memory": "64Mi"}},
		},
	},
}

const (
	labelKeys      = "the keys must be those of labels: letters, digits, dots, hyphens and underscores, at most 63 characters, with or without a domain and a slash before them"
	annotationKeys = "the keys must be those of annotations: letters, digits, dots, hyphens and underscores, at most 63 characters, with or without a domain and a slash before them"
	headerKeys     = "the keys must be letters, digits, dots, hyphens and underscores, at most 128 characters"
)

func brokenLabels(path string) map[string]patch {
	return map[string]patch{labelKeys: {path: patch{"a b": ""}}}
}

func brokenAnnotations(path string) map[string]patch {
	return map[string]patch{
		annotationKeys: {path: patch{"a b": ""}},
		"annotations of twinway.dev are the operator's": {path: patch{"twinway.dev/note": ""}},
	}
}

var connections = kind{
	name: v1alpha1.ConnectionKind, plural: "connections",
	full: func(t *testing.T, path string) map[string]any {
		as := v1alpha1.ConnectionMQTT
		switch {
		case strings.HasPrefix(path, "spec.credentials.hmac"):
			algorithm := v1alpha1.HMACAWS4
			if strings.HasSuffix(path, ".ttl") || strings.HasSuffix(path, ".endpoint") {
				algorithm = v1alpha1.HMACAzureSAS
			}
			return tree(t, requests("link", hmac(algorithm)))
		case path == "spec.mqtt.sessionExpiry":
			l := ofType("link", v1alpha1.ConnectionMQTT)
			l.Spec.MQTT.Version = nil
			return tree(t, l)
		case strings.HasPrefix(path, "spec.nats"):
			as = v1alpha1.ConnectionNATS
		case strings.HasPrefix(path, "spec.kafka"):
			as = v1alpha1.ConnectionKafka
		case strings.HasPrefix(path, "spec.httpPush"), strings.HasPrefix(path, "spec.credentials.oauth2"):
			as = v1alpha1.ConnectionHTTPPush
		}
		return tree(t, ofType("link", as))
	},
	around: func(t *testing.T, object map[string]any) compile.Objects {
		return world(fromTree[v1alpha1.Connection](t, object), linkSecret(linkPair(t), linkCA(t)))
	},
	broken: map[string]map[string]patch{
		"spec": {
			"the scheme of uri must fit type: ws or wss for DittoWebSocket, http or https for HTTPPush, mqtt, mqtts, tcp or ssl for MQTT, " +
				"tcp or ssl for Kafka, nats or tls for NATS": {"spec.uri": "wss://a"},
			"uri must be one URL; only for type Kafka it may have several addresses":                  {"spec.uri": "mqtts://a,b"},
			"tls is for URIs with the scheme wss, https, mqtts, ssl or tls":                           {"spec.uri": "mqtt://a"},
			"credentials.clientCertificate is for URIs with the scheme wss, https, mqtts, ssl or tls": {"spec.uri": "mqtt://a"},
			"credentials.bearer is for types DittoWebSocket, HTTPPush and NATS":                       {"spec.credentials.bearer": patch{}},
			"credentials.oauth2 is for types DittoWebSocket and HTTPPush":                             {"spec.credentials.oauth2": patch{}},
			"kafka.saslMechanism needs credentials.basic":                                             {"spec.type": "Kafka", "spec.kafka.saslMechanism": "Plain"},
			"credentials.hmac is for type HTTPPush":                                                   {"spec.credentials.hmac": patch{}},
			"nats is for type NATS":                                                                   {"spec.nats": patch{}},
			"qos of a source is for type MQTT":                                                        {"spec.type": "Kafka"},
			"mqtt is for type MQTT":                                                                   {"spec.type": "Kafka"},
			"kafka is for type Kafka":                                                                 {"spec.kafka": patch{}},
			"httpPush is for type HTTPPush":                                                           {"spec.httpPush": patch{}},
			"sources are for types MQTT, Kafka and NATS; what a DittoWebSocket receives say Subscriptions with direction Inbound": {"spec.type": "HTTPPush"},
		},
		"spec.credentials": {
			"must have exactly one of basic, bearer, oauth2, clientCertificate and hmac": {"spec.credentials": patch{}},
		},
		"spec.reconnect": {
			"initialDelay, 1s by default, must not be above maxDelay, 1m by default": {"spec.reconnect": patch{"initialDelay": "2m"}},
		},
		"spec.tls.ca": {
			"must have either secretKeyRef or configMapKeyRef": {"spec.tls.ca": patch{}},
		},
		"spec.credentials.hmac": {
			"region and service are required for algorithm AWS4-HMAC-SHA256":                                  {"spec.credentials.hmac.region": nil},
			"region, service, contentHash, pathEncoding and signedHeaders are for algorithm AWS4-HMAC-SHA256": {"spec.credentials.hmac.algorithm": "AzureSAS"},
			"endpoint is required for algorithm AzureSAS":                                                     {"spec.credentials.hmac.algorithm": "AzureSAS"},
			"endpoint and ttl are for algorithm AzureSAS":                                                     {"spec.credentials.hmac.ttl": "1h"},
		},
		"spec.mqtt": {
			"sessionExpiry is for version V5": {"spec.mqtt.sessionExpiry": "1h"},
		},
		"spec.sources[0]": {
			"implicitThing is required for payload ImplicitThing": {"spec.sources[0].implicitThing": nil},
			"qos 0 is for delivery AtMostOnce":                    {"spec.sources[0].qos": 0, "spec.sources[0].delivery": nil},
			"replyHeaders and replies need replyTo":               {"spec.sources[0].replyTo": nil},
		},
		"spec.sources[0].declaredAcks": {
			"must not be twin-persisted, search-persisted or live-response": {"spec.sources[0].declaredAcks": []any{"search-persisted"}},
		},
		"spec.sources[0].headers":      {headerKeys: {"spec.sources[0].headers": patch{"a b": "c"}}},
		"spec.sources[0].replyHeaders": {headerKeys: {"spec.sources[0].replyHeaders": patch{"a b": "c"}}},
	},
}

var subscriptions = kind{
	name: v1alpha1.SubscriptionKind, plural: "subscriptions",
	full: func(t *testing.T, path string) map[string]any {
		s := outbound("events", "push")
		if path == "spec.target.fields" || path == "spec.target.deletedFields" {
			s.Spec.Target.Payload = new(v1alpha1.TargetNormalizedThing)
		}
		return tree(t, s)
	},
	around: func(t *testing.T, object map[string]any) compile.Objects {
		return world(push(), fromTree[v1alpha1.Subscription](t, object))
	},
	broken: map[string]map[string]patch{
		"spec": {
			"a target is required for direction Outbound":              {"spec.target": nil},
			"a target is for direction Outbound":                       {"spec.direction": "Inbound"},
			"policy announcements have neither filter nor extraFields": {"spec.signal": "PolicyAnnouncements"},
		},
		"spec.target": {
			"fields and deletedFields are for payload NormalizedThing": {"spec.target.fields": "thingId"},
			"issuedAck must not be twin-persisted or search-persisted": {"spec.target.issuedAck": "search-persisted"},
		},
		"spec.target.headers": {headerKeys: {"spec.target.headers": patch{"a b": "c"}}},
	},
}

// The API server and Compile must refuse the same, in the same words.
func TestWhatTheAPIServerChecksCompileChecks(t *testing.T) {
	for _, k := range kinds {
		root := readSchema(t, k.plural)
		t.Run(k.plural, func(t *testing.T) {
			k.checkRules(t, "", root)
			each("spec", root.Properties["spec"], true, func(path string, s schema, _ bool) {
				t.Run(path, func(t *testing.T) { k.check(t, path, s) })
			})
		})
	}
}

// check breaks everything that the schema says of one field.
func (k kind) check(t *testing.T, path string, s schema) {
	switch {
	case s.Type == "object" && s.Values != nil && !slices.Contains(foreign, path):
		k.checkRules(t, path, s)
		many := patch{}
		for i := range s.MaxEntries + 1 {
			many[fmt.Sprintf("k%d", i)] = "v"
		}
		k.mustFind(t, path, patch{path: many}, fmt.Sprintf("must have at most %d entries, got %d", s.MaxEntries, s.MaxEntries+1))
	case s.Type == "object":
		k.checkRules(t, path, s)
	case s.Type == "array":
		k.checkList(t, path, s)
	default:
		k.checkValue(t, path, s)
	}
}

// checkRules breaks the rules of an object one by one.
func (k kind) checkRules(t *testing.T, path string, s schema) {
	var known []string
	for message, values := range k.broken[path] {
		known = append(known, message)
		k.mustFind(t, path, values, message)
	}
	slices.Sort(known)
	if diff := cmp.Diff(slices.Sorted(slices.Values(s.rules())), known); diff != "" {
		t.Errorf("rules of %q (-schema +known):\n%s", path, diff)
	}
}

func (k kind) checkList(t *testing.T, path string, s schema) {
	k.checkRules(t, path, s)
	want := fmt.Sprintf("must have %d to %d entries, got ", s.MinItems, s.MaxItems)
	if s.MinItems > 0 {
		k.mustFind(t, path, patch{path: []any{}}, want+"0")
	}
	first := k.entry(t, path)
	k.mustFind(t, path, patch{path: repeated(first, s.MaxItems+1)}, want+fmt.Sprint(s.MaxItems+1))
	if s.ListType != "atomic" && s.MaxItems > 1 {
		k.mustFind(t, path+"[1]", patch{path: repeated(first, 2)}, "is there already, in "+path+"[0]")
	}
}

// wrong is what breaks one rule or another of a value.
var wrong = []any{"{{\n", "{{", "", -1, "0", "99999h", "a", "http://a/?b#c", "\"", "a:b", "Ä", "features/a/b", "attributes/*"}

func (k kind) checkValue(t *testing.T, path string, s schema) {
	wanted := s.rules()
	if len(s.Enum) > 0 {
		wanted = append(wanted, "must be "+strings.Join(s.Enum, " or "))
	}
	if len(wanted) == 0 && s.MaxLength == 0 {
		t.Fatal("the API server does not check the field")
	}
	for _, want := range wanted {
		if !slices.ContainsFunc(wrong, func(value any) bool { return k.finds(t, path, k.at(path, value), want) }) {
			t.Errorf("Compile takes all of %v, the API server says %q", wrong, want)
		}
	}
	if s.MaxLength > 0 && s.Pattern == "" {
		k.mustFind(t, path, k.at(path, "{{ jwt:"+strings.Repeat("a", s.MaxLength-9)+" }}"), fmt.Sprintf("at most %d characters", s.MaxLength))
	}
	if s.MinLength > 1 && s.Pattern == "" {
		k.mustFind(t, path, k.at(path, strings.Repeat("a", s.MinLength-1)), fmt.Sprintf("at least %d characters", s.MinLength))
	}
}

// at returns a patch of a field, or of an entry of a map.
func (k kind) at(path string, value any) patch {
	if name, isEntry := strings.CutSuffix(path, "[key]"); isEntry {
		return patch{name: patch{"key": value}}
	}
	return patch{path: value}
}

// mustFind checks that Compile reports values, in words.
func (k kind) mustFind(t *testing.T, path string, values patch, want string) {
	t.Helper()
	if !k.finds(t, path, values, want) {
		t.Errorf("Compile takes %v, the API server says %q", values, want)
	}
}

// finds says whether Compile reports values at a path or below, in words.
func (k kind) finds(t *testing.T, path string, values patch, want string) bool {
	t.Helper()
	object := k.full(t, path)
	for _, p := range slices.Sorted(maps.Keys(values)) {
		set(t, object, p, values[p])
	}
	// What is not of the type of the field cannot be read at all.
	if !readable(t, k, object) {
		return false
	}
	_, findings := compile.Compile(k.around(t, object))
	return slices.ContainsFunc(findings, func(f snapshot.Finding) bool {
		return f.Object.Kind == k.name && strings.HasPrefix(f.FieldPath, path) && strings.Contains(f.Message, want)
	})
}

func readable(t *testing.T, k kind, object map[string]any) bool {
	data, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	switch k.name {
	case v1alpha1.GatewayKind:
		return json.Unmarshal(data, &v1alpha1.Gateway{}) == nil
	case v1alpha1.ConnectionKind:
		return json.Unmarshal(data, &v1alpha1.Connection{}) == nil
	}
	return json.Unmarshal(data, &v1alpha1.Subscription{}) == nil
}

// tree returns an object as what its JSON is.
func tree(t *testing.T, object any) map[string]any {
	t.Helper()
	data, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := json.Unmarshal(data, &tree); err != nil {
		t.Fatal(err)
	}
	return tree
}

// fromTree returns the object that JSON is.
func fromTree[T any](t *testing.T, tree map[string]any) *T {
	t.Helper()
	data, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	var object T
	if err := json.Unmarshal(data, &object); err != nil {
		t.Fatal(err)
	}
	return &object
}

// set gives a field a value. Objects on the way are made, lists must be there.
func set(t *testing.T, in map[string]any, path string, value any) {
	t.Helper()
	step, rest, below := strings.Cut(path, ".")
	name, isEntry := strings.CutSuffix(step, "[0]")
	switch {
	case isEntry && !below:
		in[name].([]any)[0] = value
	case isEntry:
		set(t, in[name].([]any)[0].(map[string]any), rest, value)
	case !below:
		in[name] = value
	default:
		if in[name] == nil {
			in[name] = map[string]any{}
		}
		set(t, in[name].(map[string]any), rest, value)
	}
}

// entry returns the first entry of a list of full.
func (k kind) entry(t *testing.T, path string) any {
	t.Helper()
	var at any = k.full(t, path)
	for step := range strings.SplitSeq(path, ".") {
		name, isEntry := strings.CutSuffix(step, "[0]")
		at = at.(map[string]any)[name]
		if isEntry {
			at = at.([]any)[0]
		}
	}
	return at.([]any)[0]
}

// The rules that every field of the API keeps.
func TestFieldsOfTheAPI(t *testing.T) {
	for _, k := range kinds {
		each("spec", readSchema(t, k.plural).Properties["spec"], true, func(path string, s schema, required bool) {
			path = k.name + " " + path
			if s.Default != nil {
				t.Errorf("%s has a default in the schema", path)
			}
			if !required && s.Type != "object" && !strings.Contains(strings.ReplaceAll(s.Description, "\n", " "), "Default: ") {
				t.Errorf("%s does not document its default", path)
			}
			if s.Description == "" {
				t.Errorf("%s is not documented", path)
			}
			if s.Type == "boolean" {
				t.Errorf("%s is a boolean; use an enumeration", path)
			}
			if s.Type == "string" && s.MaxLength == 0 && len(s.Enum) == 0 {
				t.Errorf("%s is not bounded", path)
			}
			// What is empty could be taken for what is not there, where that is possible.
			if s.Type == "array" && (s.MinItems == 0 && !required || s.MaxItems == 0 || s.ListType == "") {
				t.Errorf("%s is not bounded, may be empty, or has no list type", path)
			}
			if s.Values != nil && s.MaxEntries == 0 {
				t.Errorf("%s is not bounded", path)
			}
		})
	}
}

var between = regexp.MustCompile(`between (\S+) and (\S+)$`)

// Every number and every duration at its bounds is compiled to a snapshot that
// can be decoded again, so that no gateway refuses what the API takes.
func TestWhatIsWithinTheBoundsIsDecoded(t *testing.T) {
	count := 0
	for _, k := range kinds {
		each("spec", readSchema(t, k.plural).Properties["spec"], true, func(path string, s schema, _ bool) {
			if strings.HasPrefix(path, "spec.replicas") || strings.HasPrefix(path, "spec.autoscaling") {
				return // one writer cannot be many, and a snapshot does not know how many there are
			}
			for _, rule := range s.rules() {
				for _, text := range between.FindStringSubmatch(rule) {
					if text == rule || strings.HasPrefix(text, "between") {
						continue
					}
					var value any = text
					if s.Type == "integer" {
						value = json.RawMessage(text)
					}
					count++
					k.mustDecode(t, path, value)
				}
			}
		})
	}
	if count < 60 {
		t.Errorf("only %d bounds were found in the schemas", count)
	}
}

// mustDecode checks that an object with a value is part of a snapshot that can be
// decoded.
func (k kind) mustDecode(t *testing.T, path string, value any) {
	t.Helper()
	object := k.full(t, path)
	set(t, object, path, value)
	o := k.around(t, object)
	outcomes, _ := compile.Gateways(o)
	snap := outcomes[0].Snapshot
	if snap == nil || slices.ContainsFunc(outcomes[0].Links, func(l compile.Link) bool { return !l.Accepted }) {
		t.Errorf("%s %s: %v is refused: %+v", k.name, path, value, outcomes[0])
		return
	}
	if _, err := snapshot.Decode(snap.Encode()); err != nil {
		t.Errorf("%s %s: %v: %v", k.name, path, value, err)
	}
}
