package compile_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/internal/snapshot/compile"
)

const bcryptHash = "$2a$10$cAdndSyx8xgdDH29EAGbQukWu2X3yjf6AxwnhF6DLPv3Yerl7qd5C"

// gateway returns the shortest Gateway that there can be.
func gateway() *v1alpha1.Gateway {
	return &v1alpha1.Gateway{
		ObjectMeta: metav1.ObjectMeta{Name: "demo"},
		Spec: v1alpha1.GatewaySpec{
			Listener: v1alpha1.Listener{Port: 8080},
			Authentication: v1alpha1.Authentication{Basic: &v1alpha1.BasicAuthentication{
				UsersSecretRef: v1alpha1.SecretReference{Name: "demo-users"},
			}},
		},
	}
}

// users returns the Secret that gateway refers to.
func users() *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "demo-users"},
		Data:       map[string][]byte{"ditto": []byte(bcryptHash)},
	}
}

// settings returns the ConfigMap that full refers to.
func settings() *corev1.ConfigMap {
	return &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: "demo-settings"},
		Data:       map[string]string{"jwks.json": keySet(ecKey("2026-01"))},
	}
}

func objects(gateways []*v1alpha1.Gateway, secrets ...*corev1.Secret) compile.Objects {
	o := compile.Objects{Root: "config"}
	for i, g := range gateways {
		o.Gateways = append(o.Gateways, compile.Gateway{Gateway: g, Origin: origin("gateways.yaml", i)})
	}
	for i, s := range secrets {
		o.Secrets = append(o.Secrets, compile.Secret{Secret: s, Origin: origin("secrets.yaml", i)})
	}
	return o
}

func origin(file string, i int) compile.Origin {
	return compile.Origin{File: "config/" + file, Document: i + 1, Line: func(string) int { return 7 }}
}

func compileOne(g *v1alpha1.Gateway, s *corev1.Secret) (*snapshot.Snapshot, snapshot.Findings) {
	return compile.Compile(objects([]*v1alpha1.Gateway{g}, s))
}

// compileAll compiles a Gateway with all objects that there are.
func compileAll(g *v1alpha1.Gateway, s *corev1.Secret, m *corev1.ConfigMap) (*snapshot.Snapshot, snapshot.Findings) {
	o := objects([]*v1alpha1.Gateway{g}, s)
	o.ConfigMaps = []compile.ConfigMap{{ConfigMap: m, Origin: origin("settings.yaml", 0)}}
	return compile.Compile(o)
}

func TestDefaultsFillWhatIsLeftOut(t *testing.T) {
	got, findings := compileOne(gateway(), users())
	if len(findings) > 0 {
		t.Fatalf("findings: %v", findings)
	}
	want := &snapshot.Snapshot{
		Version:  1,
		Gateway:  snapshot.Identity{Namespace: "default", Name: "demo"},
		Listener: snapshot.Listener{Port: 8080},
		Authentication: snapshot.Authentication{
			Basic: &snapshot.BasicAuthentication{
				SubjectPrefix: "nginx",
				Users:         map[string]snapshot.PasswordHash{"ditto": bcryptHash},
			},
			ClockSkew: 10 * time.Second,
		},
		EntityCreation: snapshot.EntityCreation{Grant: []snapshot.CreationRule{anyCreation()}},
		Policies: snapshot.Policies{
			LockoutPrevention:        "Enabled",
			SubjectExpiryGranularity: time.Hour,
			Announcements: snapshot.Announcements{
				Granularity: time.Minute, GracePeriod: 4 * time.Hour, Timeout: time.Minute,
			},
		},
		Storage: snapshot.Storage{
			Type: "Embedded", CacheSize: 64 << 20, History: snapshot.History{MaxRecords: 100},
		},
		DefaultNamespace: "org.eclipse.ditto",
		Limits: snapshot.Limits{
			Message: snapshot.MessageLimits{MaxSize: 1 << 20},
			Thing:   snapshot.ThingLimits{MaxSize: 102_400},
			Policy:  snapshot.PolicyLimits{MaxSize: 102_400, MaxImports: 10},
			Sessions: snapshot.SessionLimits{
				Max: 10_000, InFlightCommands: 256, OutboundQueue: 10_000, Overflow: "Close",
			},
			Authentication: snapshot.AuthenticationLimits{FailuresPerMinute: 30},
		},
		Session: snapshot.Session{
			PingInterval: 30 * time.Second, HandshakeTimeout: 10 * time.Second, CommandTimeout: 60 * time.Second,
		},
		Drain: snapshot.Drain{MinDelay: 5 * time.Second, Budget: 30 * time.Second},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("snapshot (-want +got):\n%s", diff)
	}
}

// anyCreation is the rule that matches the creation of everything.
func anyCreation() snapshot.CreationRule {
	return snapshot.CreationRule{
		ResourceTypes: []snapshot.ResourceType{"Policy", "Thing"},
		Namespaces:    []string{"*"}, AuthSubjects: []string{"*"}, ThingDefinitions: []string{"", "*"},
	}
}

// full returns a Gateway that sets every field to something that is not the
// default.
func full() *v1alpha1.Gateway {
	g := gateway()
	g.Namespace = "plant"
	g.Spec = v1alpha1.GatewaySpec{
		Listener: v1alpha1.Listener{
			Port: 443, TLS: &v1alpha1.ListenerTLS{CertificateRef: v1alpha1.SecretReference{Name: "demo-tls"}},
		},
		Authentication: v1alpha1.Authentication{
			Basic: &v1alpha1.BasicAuthentication{
				UsersSecretRef: v1alpha1.SecretReference{Name: "demo-users"},
				SubjectPrefix:  new("proxy"),
			},
			OIDC: []v1alpha1.OIDCProvider{{
				Name:    "keycloak",
				Issuers: []v1alpha1.IssuerURL{"https://login.example.com/realms/plant/", "http://[::1]:8080"},
				Keys: &v1alpha1.OIDCKeys{JWKS: &v1alpha1.ContentReference{
					ConfigMapKeyRef: &v1alpha1.KeyReference{Name: "demo-settings", Key: "jwks.json"},
				}},
				Audiences:     []v1alpha1.Audience{"twinway", "account"},
				Subjects:      []v1alpha1.SubjectTemplate{"{{ jwt:sub }}", "{{ jwt:realm/roles }}@{{ jwt:azp | fn:lower() }}", "all"},
				Prerequisites: []v1alpha1.Condition{"{{ jwt:groups | fn:filter('eq','operators') }}"},
				Algorithms:    []v1alpha1.SigningAlgorithm{"RS256", "ES256"},
			}},
			PreAuthenticated: &v1alpha1.PreAuthentication{Source: v1alpha1.PreAuthenticationHeaderOrQuery},
			ClockSkew:        new(v1alpha1.Duration("0s")),

			TokenIntegrationSubject: new(v1alpha1.SubjectTemplate("integration:{{ jwt:azp }}")),
		},
		EntityCreation: &v1alpha1.EntityCreation{
			Grant: []v1alpha1.CreationRule{{
				ResourceTypes:    []v1alpha1.ResourceType{v1alpha1.ResourceThing},
				Namespaces:       []v1alpha1.NamespacePattern{"com.example.*", "com.example"},
				AuthSubjects:     []v1alpha1.SubjectPattern{"proxy:*"},
				ThingDefinitions: []v1alpha1.DefinitionPattern{"https://models.example.com/*"},
			}},
			Revoke: []v1alpha1.CreationRule{{
				ResourceTypes:    []v1alpha1.ResourceType{v1alpha1.ResourceThing, v1alpha1.ResourcePolicy},
				Namespaces:       []v1alpha1.NamespacePattern{"com.example.x?"},
				AuthSubjects:     []v1alpha1.SubjectPattern{"*"},
				ThingDefinitions: []v1alpha1.DefinitionPattern{""},
			}},
		},
		NamespaceAccess: []v1alpha1.NamespaceRule{{
			Conditions:        []v1alpha1.Condition{"{{ header:x-tenant | fn:filter('eq','a') }}", "{{ request:subjectId }}"},
			ResourceTypes:     []v1alpha1.ResourceType{v1alpha1.ResourcePolicy},
			AllowedNamespaces: []v1alpha1.NamespacePattern{"com.*"},
			BlockedNamespaces: []v1alpha1.NamespacePattern{"com.secret"},
		}},
		Policies: &v1alpha1.Policies{
			LockoutPrevention:        new(v1alpha1.Disabled),
			SubjectExpiryGranularity: new(v1alpha1.Duration("1s")),
			Announcements: &v1alpha1.Announcements{
				Granularity: new(v1alpha1.Duration("24h")),
				GracePeriod: new(v1alpha1.Duration("0s")),
				Timeout:     new(v1alpha1.Duration("5s")),
			},
			NamespaceRoots: []v1alpha1.NamespaceRoot{
				{Pattern: "com.example.*", Policies: []v1alpha1.PolicyID{"com.example:root", ":everywhere"}},
				{Pattern: "*", Policies: []v1alpha1.PolicyID{"com.example:root"}},
			},
		},
		Storage: &v1alpha1.Storage{
			Type:      new(v1alpha1.StorageEmbedded),
			CacheSize: new(resource.MustParse("1Gi")),
			Volume: &v1alpha1.Volume{
				Type: new(v1alpha1.VolumeClaim), Size: new(resource.MustParse("2Ti")),
				StorageClassName: new("fast"), Retention: new(v1alpha1.RetentionDelete),
			},
			History: &v1alpha1.History{MaxRecords: new(int32(7)), MaxAge: new(v1alpha1.Duration("720h"))},
		},
		HTTP: &v1alpha1.HTTP{CORS: &v1alpha1.CORS{
			AllowedOrigins: []v1alpha1.Origin{"https://twins.example.com", "http://localhost:3000"}, Credentials: new(v1alpha1.Enabled), MaxAge: new(v1alpha1.Duration("1h")),
		}},
		Search: &v1alpha1.Search{Index: &v1alpha1.SearchIndex{Fields: []v1alpha1.IndexedPath{
			"policyId", "features/*/properties/temperature", "attributes/a~1b", "features/lamp/desiredProperties", "_metadata", "features/*",
		}}},
		DefaultNamespace: new("com.example"),
		Limits: &v1alpha1.Limits{
			Message: &v1alpha1.MessageLimits{MaxSize: new(resource.MustParse("2M"))},
			Thing:   &v1alpha1.ThingLimits{MaxSize: new(int32(2048))},
			Policy:  &v1alpha1.PolicyLimits{MaxSize: new(int32(4096)), MaxImports: new(int32(0))},
			Sessions: &v1alpha1.SessionLimits{
				Max: new(int32(3)), InFlightCommands: new(int32(4)), OutboundQueue: new(int32(5)),
				Overflow: new(v1alpha1.OverflowDropNewest),
			},
			Authentication: &v1alpha1.AuthenticationLimits{FailuresPerMinute: new(int32(6))},
		},
		Session: &v1alpha1.Session{
			PingInterval:     new(v1alpha1.Duration("1m30s")),
			HandshakeTimeout: new(v1alpha1.Duration("1.5s")),
			CommandTimeout:   new(v1alpha1.Duration("2500ms")),
		},
		Drain: &v1alpha1.Drain{MinDelay: new(v1alpha1.Duration("0s")), Budget: new(v1alpha1.Duration("1h"))},
	}
	fullWorkload(&g.Spec)
	return g
}

// fullWorkload sets everything that only a cluster needs to something that is
// not the default, where that is allowed.
func fullWorkload(s *v1alpha1.GatewaySpec) {
	s.Workload = &v1alpha1.Workload{
		Image:        new("registry.example.com/twinway:v1"),
		UpdatePolicy: new(v1alpha1.UpdateAutomatic),
		Resources: &corev1.ResourceRequirements{
			Requests: corev1.ResourceList{"cpu": resource.MustParse("250m"), "memory": resource.MustParse("64Mi")},
			Limits:   corev1.ResourceList{"cpu": resource.MustParse("1.5"), "memory": resource.MustParse("64Mi")},
		},
		Pod: &v1alpha1.PodOverrides{
			Labels:            map[string]v1alpha1.LabelValue{"team": "plant", "example.com/empty": ""},
			Annotations:       map[string]v1alpha1.AnnotationValue{"example.com/note": "any text,\neven this"},
			NodeSelector:      map[string]v1alpha1.LabelValue{"disk": "ssd"},
			Tolerations:       []corev1.Toleration{{Key: "edge", Operator: corev1.TolerationOpExists}},
			Affinity:          &corev1.Affinity{},
			PriorityClassName: new("high"),
			ImagePullSecrets:  []v1alpha1.SecretReference{{Name: "registry"}},
		},
	}
	s.Service = &v1alpha1.Service{
		Type: new(v1alpha1.ServiceLoadBalancer), Port: new(int32(8443)), NodePort: new(int32(30443)),
		LoadBalancerClass: new("example.com/internal"),
		Annotations:       map[string]v1alpha1.AnnotationValue{"example.com/note": ""},
	}
	s.Autoscaling = &v1alpha1.Autoscaling{MinReplicas: new(int32(1)), MaxReplicas: 1, TargetCPUUtilization: new(int32(50))}
	s.DisruptionBudget = &v1alpha1.DisruptionBudget{State: new(v1alpha1.Disabled), MaxUnavailable: new(int32(0))}
	s.NetworkPolicy = &v1alpha1.NetworkPolicy{State: new(v1alpha1.Disabled)}
	s.Monitoring = &v1alpha1.Monitoring{
		PodMonitor: new(v1alpha1.Disabled), Interval: new(v1alpha1.Duration("10m")),
		Labels: map[string]v1alpha1.LabelValue{"release": "prometheus"},
	}
}

func TestWhatIsSetTakesEffect(t *testing.T) {
	secret := users()
	secret.Namespace = "plant"
	secret.Data = map[string][]byte{"bob": []byte(bcryptHash + "\n")}
	configMap := settings()
	configMap.Namespace = "plant"
	pair := newKeyPair(t, "demo")
	o := objects([]*v1alpha1.Gateway{full()}, secret, pair.secret("plant", "demo-tls"))
	o.ConfigMaps = []compile.ConfigMap{{ConfigMap: configMap}}
	got, findings := compile.Compile(o)
	if len(findings) > 0 {
		t.Fatalf("findings: %v", findings)
	}
	want := &snapshot.Snapshot{
		Version:  1,
		Gateway:  snapshot.Identity{Namespace: "plant", Name: "demo"},
		Listener: snapshot.Listener{Port: 443, TLS: &snapshot.ListenerTLS{Certificate: pair.certificate, Key: pair.key}},
		Authentication: snapshot.Authentication{
			Basic: &snapshot.BasicAuthentication{
				SubjectPrefix: "proxy",
				Users:         map[string]snapshot.PasswordHash{"bob": bcryptHash},
			},
			OIDC: []snapshot.OIDCProvider{{
				Name:          "keycloak",
				Issuers:       []string{"http://[::1]:8080", "https://login.example.com/realms/plant/"},
				JWKS:          snapshot.Content(keySet(ecKey("2026-01"))),
				Audiences:     []string{"account", "twinway"},
				Subjects:      []string{"{{ jwt:sub }}", "{{ jwt:realm/roles }}@{{ jwt:azp | fn:lower() }}", "all"},
				Prerequisites: []string{"{{ jwt:groups | fn:filter('eq','operators') }}"},
				Algorithms:    []string{"ES256", "RS256"},
			}},
			PreAuthenticated: &snapshot.PreAuthentication{Source: "HeaderOrQuery"},

			TokenIntegrationSubject: "integration:{{ jwt:azp }}",
		},
		EntityCreation: snapshot.EntityCreation{
			Grant: []snapshot.CreationRule{{
				ResourceTypes:    []snapshot.ResourceType{"Thing"},
				Namespaces:       []string{"com.example", "com.example.*"},
				AuthSubjects:     []string{"proxy:*"},
				ThingDefinitions: []string{"https://models.example.com/*"},
			}},
			Revoke: []snapshot.CreationRule{{
				ResourceTypes:    []snapshot.ResourceType{"Policy", "Thing"},
				Namespaces:       []string{"com.example.x?"},
				AuthSubjects:     []string{"*"},
				ThingDefinitions: []string{""},
			}},
		},
		NamespaceAccess: []snapshot.NamespaceRule{{
			Conditions:        []string{"{{ header:x-tenant | fn:filter('eq','a') }}", "{{ request:subjectId }}"},
			ResourceTypes:     []snapshot.ResourceType{"Policy"},
			AllowedNamespaces: []string{"com.*"},
			BlockedNamespaces: []string{"com.secret"},
		}},
		Policies: snapshot.Policies{
			LockoutPrevention:        "Disabled",
			SubjectExpiryGranularity: time.Second,
			Announcements: snapshot.Announcements{
				Granularity: 24 * time.Hour, GracePeriod: 0, Timeout: 5 * time.Second,
			},
			NamespaceRoots: []snapshot.NamespaceRoot{
				{Pattern: "*", Policies: []string{"com.example:root"}},
				{Pattern: "com.example.*", Policies: []string{":everywhere", "com.example:root"}},
			},
		},
		Storage: snapshot.Storage{
			Type: "Embedded", CacheSize: 1 << 30, History: snapshot.History{MaxRecords: 7, MaxAge: 720 * time.Hour},
		},
		HTTP: snapshot.HTTP{CORS: &snapshot.CORS{
			AllowedOrigins: []string{"http://localhost:3000", "https://twins.example.com"}, Credentials: snapshot.Enabled, MaxAge: time.Hour,
		}},
		Search: snapshot.Search{Index: &snapshot.SearchIndex{Fields: []string{
			"_metadata", "attributes/a~1b", "features/*", "features/*/properties/temperature", "features/lamp/desiredProperties", "policyId",
		}}},
		DefaultNamespace: "com.example",
		Limits: snapshot.Limits{
			Message:        snapshot.MessageLimits{MaxSize: 2_000_000},
			Thing:          snapshot.ThingLimits{MaxSize: 2048},
			Policy:         snapshot.PolicyLimits{MaxSize: 4096, MaxImports: 0},
			Sessions:       snapshot.SessionLimits{Max: 3, InFlightCommands: 4, OutboundQueue: 5, Overflow: "DropNewest"},
			Authentication: snapshot.AuthenticationLimits{FailuresPerMinute: 6},
		},
		Session: snapshot.Session{
			PingInterval: 90 * time.Second, HandshakeTimeout: 1500 * time.Millisecond, CommandTimeout: 2500 * time.Millisecond,
		},
		Drain: snapshot.Drain{MinDelay: 0, Budget: time.Hour},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("snapshot (-want +got):\n%s", diff)
	}
}

func TestCompileIsAFunctionOfItsInput(t *testing.T) {
	one, _ := compileOne(gateway(), users())
	two, _ := compileOne(gateway(), users())
	if one.Hash() != two.Hash() {
		t.Errorf("equal objects have snapshots %s and %s", one.Hash(), two.Hash())
	}
	bad := users()
	for i := range 50 {
		bad.Data[fmt.Sprintf("user %d", i)] = []byte("x")
	}
	_, first := compileOne(gateway(), bad)
	_, second := compileOne(gateway(), bad)
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("findings differ from run to run:\n%s", diff)
	}
}

func TestFindings(t *testing.T) {
	const where = "config/gateways.yaml[1] Gateway default/demo: "
	const secretAt = "config/secrets.yaml[1] Secret default/demo-users: "
	tests := map[string]struct {
		gateway func(*v1alpha1.Gateway)
		secret  func(*corev1.Secret)
		want    string
	}{
		"name missing":     {gateway: func(g *v1alpha1.Gateway) { g.Name = "" }, want: "config/gateways.yaml[1] Gateway: metadata.name (line 7): is required"},
		"name syntax":      {gateway: func(g *v1alpha1.Gateway) { g.Name = "Demo" }, want: "config/gateways.yaml[1] Gateway default/Demo: metadata.name (line 7): the name must be a DNS label that begins with a letter, of at most 40 characters: Services are named after it"},
		"name too long":    {gateway: func(g *v1alpha1.Gateway) { g.Name = strings.Repeat("a", 41) }, want: "config/gateways.yaml[1] Gateway default/" + strings.Repeat("a", 41) + ": metadata.name (line 7): the name must be a DNS label that begins with a letter, of at most 40 characters: Services are named after it"},
		"namespace syntax": {gateway: func(g *v1alpha1.Gateway) { g.Namespace = "a.b" }, secret: func(s *corev1.Secret) { s.Namespace = "a.b" }, want: "config/gateways.yaml[1] Gateway a.b/demo: metadata.namespace (line 7): must be a lower-case DNS label of at most 63 characters"},
		"port too low":     {gateway: func(g *v1alpha1.Gateway) { g.Spec.Listener.Port = 0 }, want: where + "spec.listener.port (line 7): must be between 1 and 65535, got 0"},
		"port too high":    {gateway: func(g *v1alpha1.Gateway) { g.Spec.Listener.Port = 65536 }, want: where + "spec.listener.port (line 7): must be between 1 and 65535, got 65536"},

		"no authentication":      {gateway: func(g *v1alpha1.Gateway) { g.Spec.Authentication.Basic = nil }, want: where + "spec.authentication (line 7): at least one authentication method is required: basic, oidc or preAuthenticated"},
		"subject prefix empty":   {gateway: func(g *v1alpha1.Gateway) { g.Spec.Authentication.Basic.SubjectPrefix = new("") }, want: where + `spec.authentication.basic.subjectPrefix (line 7): must be letters, digits, dots, hyphens and underscores, got ""`},
		"subject prefix colon":   {gateway: func(g *v1alpha1.Gateway) { g.Spec.Authentication.Basic.SubjectPrefix = new("a:b") }, want: where + `spec.authentication.basic.subjectPrefix (line 7): must be letters, digits, dots, hyphens and underscores, got "a:b"`},
		"subject prefix long":    {gateway: func(g *v1alpha1.Gateway) { g.Spec.Authentication.Basic.SubjectPrefix = new(strings.Repeat("a", 65)) }, want: where + "spec.authentication.basic.subjectPrefix (line 7): must have at most 64 characters, got 65"},
		"users not named":        {gateway: func(g *v1alpha1.Gateway) { g.Spec.Authentication.Basic.UsersSecretRef.Name = "" }, want: where + "spec.authentication.basic.usersSecretRef.name (line 7): is required"},
		"users' name syntax":     {gateway: func(g *v1alpha1.Gateway) { g.Spec.Authentication.Basic.UsersSecretRef.Name = "a_b" }, want: where + `spec.authentication.basic.usersSecretRef.name (line 7): must be a lower-case DNS subdomain of at most 253 characters, got "a_b"`},
		"users missing":          {secret: func(s *corev1.Secret) { s.Name = "other" }, want: where + "spec.authentication.basic.usersSecretRef.name (line 7): Secret default/demo-users not found"},
		"users elsewhere":        {secret: func(s *corev1.Secret) { s.Namespace = "other" }, want: where + "spec.authentication.basic.usersSecretRef.name (line 7): Secret default/demo-users not found"},
		"no users":               {secret: func(s *corev1.Secret) { s.Data = nil }, want: secretAt + "data (line 7): must have at least one user: the name as key, the hash of the password as value"},
		"user name with a colon": {secret: func(s *corev1.Secret) { s.Data["a:b"] = s.Data["ditto"] }, want: secretAt + "data[a:b] (line 7): a user name must be letters, digits, dots, hyphens and underscores, at most 253 of them"},
		"user name with control": {secret: func(s *corev1.Secret) { s.Data["a\tb"] = s.Data["ditto"] }, want: secretAt + `data[a\tb] (line 7): a user name must be letters, digits, dots, hyphens and underscores, at most 253 of them`},
		"too many users": {secret: func(s *corev1.Secret) {
			for i := range 10_000 {
				s.Data[fmt.Sprint(i)] = s.Data["ditto"]
			}
		}, want: secretAt + "data (line 7): must have at most 10000 users, got 10001"},
		"plain password": {secret: func(s *corev1.Secret) { s.Data["ditto"] = []byte("TopSecret") }, want: secretAt + "data[ditto] (line 7): must be a password hash: bcrypt ($2a$, $2b$ or $2y$) or argon2id ($argon2id$v=19$m=…,t=…,p=…$salt$hash)"},

		"storage type": {gateway: func(g *v1alpha1.Gateway) {
			g.Spec.Storage = &v1alpha1.Storage{Type: new(v1alpha1.StorageType("embedded"))}
		}, want: where + `spec.storage.type (line 7): must be Embedded, got "embedded"`},
		"cache too small": {gateway: func(g *v1alpha1.Gateway) {
			g.Spec.Storage = &v1alpha1.Storage{CacheSize: new(resource.MustParse("1023Ki"))}
		}, want: where + "spec.storage.cacheSize (line 7): must be a whole number of bytes between 1Mi and 64Gi, got 1023Ki"},
		"cache too large": {gateway: func(g *v1alpha1.Gateway) {
			g.Spec.Storage = &v1alpha1.Storage{CacheSize: new(resource.MustParse("65Gi"))}
		}, want: where + "spec.storage.cacheSize (line 7): must be a whole number of bytes between 1Mi and 64Gi, got 65Gi"},
		"history": {gateway: func(g *v1alpha1.Gateway) {
			g.Spec.Storage = &v1alpha1.Storage{History: &v1alpha1.History{MaxRecords: new(int32(0))}}
		}, want: where + "spec.storage.history.maxRecords (line 7): must be between 1 and 100000, got 0"},
		"history too young": {gateway: func(g *v1alpha1.Gateway) {
			g.Spec.Storage = &v1alpha1.Storage{History: &v1alpha1.History{MaxAge: new(v1alpha1.Duration("59m"))}}
		}, want: where + "spec.storage.history.maxAge (line 7): must be between 1h and 87600h, got 59m"},
		"history too old": {gateway: func(g *v1alpha1.Gateway) {
			g.Spec.Storage = &v1alpha1.Storage{History: &v1alpha1.History{MaxAge: new(v1alpha1.Duration("87601h"))}}
		}, want: where + "spec.storage.history.maxAge (line 7): must be between 1h and 87600h, got 87601h"},
		"age of history": {gateway: func(g *v1alpha1.Gateway) {
			g.Spec.Storage = &v1alpha1.Storage{History: &v1alpha1.History{MaxAge: new(v1alpha1.Duration("30d"))}}
		}, want: where + `spec.storage.history.maxAge (line 7): must be a duration such as 30s or 1m30s, got "30d"`},
		"default namespace": {gateway: func(g *v1alpha1.Gateway) { g.Spec.DefaultNamespace = new("org..ditto") }, want: where + `spec.defaultNamespace (line 7): must be segments of letters, digits and underscores that start with a letter, joined by dots or hyphens, got "org..ditto"`},
		"message size": {gateway: func(g *v1alpha1.Gateway) {
			g.Spec.Limits = &v1alpha1.Limits{Message: &v1alpha1.MessageLimits{MaxSize: new(resource.MustParse("-1"))}}
		}, want: where + "spec.limits.message.maxSize (line 7): must be a whole number of bytes between 1Ki and 64Mi, got -1"},
		"thing size": {gateway: func(g *v1alpha1.Gateway) {
			g.Spec.Limits = &v1alpha1.Limits{Thing: &v1alpha1.ThingLimits{MaxSize: new(int32(1023))}}
		}, want: where + "spec.limits.thing.maxSize (line 7): must be between 1024 and 4194304, got 1023"},
		"sessions": {gateway: func(g *v1alpha1.Gateway) {
			g.Spec.Limits = &v1alpha1.Limits{Sessions: &v1alpha1.SessionLimits{Max: new(int32(-1))}}
		}, want: where + "spec.limits.sessions.max (line 7): must be between 1 and 1000000, got -1"},
		"in flight": {gateway: func(g *v1alpha1.Gateway) {
			g.Spec.Limits = &v1alpha1.Limits{Sessions: &v1alpha1.SessionLimits{InFlightCommands: new(int32(65537))}}
		}, want: where + "spec.limits.sessions.inFlightCommands (line 7): must be between 1 and 65536, got 65537"},
		"queue": {gateway: func(g *v1alpha1.Gateway) {
			g.Spec.Limits = &v1alpha1.Limits{Sessions: &v1alpha1.SessionLimits{OutboundQueue: new(int32(0))}}
		}, want: where + "spec.limits.sessions.outboundQueue (line 7): must be between 1 and 1000000, got 0"},
		"overflow": {gateway: func(g *v1alpha1.Gateway) {
			g.Spec.Limits = &v1alpha1.Limits{Sessions: &v1alpha1.SessionLimits{Overflow: new(v1alpha1.Overflow(""))}}
		}, want: where + `spec.limits.sessions.overflow (line 7): must be Close or DropNewest, got ""`},
		"failures": {gateway: func(g *v1alpha1.Gateway) {
			g.Spec.Limits = &v1alpha1.Limits{Authentication: &v1alpha1.AuthenticationLimits{FailuresPerMinute: new(int32(10_001))}}
		}, want: where + "spec.limits.authentication.failuresPerMinute (line 7): must be between 1 and 10000, got 10001"},
		"no duration": {gateway: func(g *v1alpha1.Gateway) {
			g.Spec.Session = &v1alpha1.Session{PingInterval: new(v1alpha1.Duration("soon"))}
		}, want: where + `spec.session.pingInterval (line 7): must be a duration such as 30s or 1m30s, got "soon"`},
		"negative duration": {gateway: func(g *v1alpha1.Gateway) { g.Spec.Drain = &v1alpha1.Drain{MinDelay: new(v1alpha1.Duration("-5s"))} }, want: where + `spec.drain.minDelay (line 7): must be a duration such as 30s or 1m30s, got "-5s"`},
		"unit not in the API": {gateway: func(g *v1alpha1.Gateway) {
			g.Spec.Session = &v1alpha1.Session{PingInterval: new(v1alpha1.Duration("5000us"))}
		}, want: where + `spec.session.pingInterval (line 7): must be a duration such as 30s or 1m30s, got "5000us"`},
		"duration too long": {gateway: func(g *v1alpha1.Gateway) {
			g.Spec.Drain = &v1alpha1.Drain{Budget: new(v1alpha1.Duration("00001.000m00001.000m00001.000m00001.000m"))}
		}, want: where + `spec.drain.budget (line 7): must be a duration such as 30s or 1m30s, got "00001.000m00001.000m00001.000m00001.000m"`},
		"ping interval": {gateway: func(g *v1alpha1.Gateway) {
			g.Spec.Session = &v1alpha1.Session{PingInterval: new(v1alpha1.Duration("601s"))}
		}, want: where + "spec.session.pingInterval (line 7): must be between 1s and 10m, got 601s"},
		"handshake timeout": {gateway: func(g *v1alpha1.Gateway) {
			g.Spec.Session = &v1alpha1.Session{HandshakeTimeout: new(v1alpha1.Duration("99ms"))}
		}, want: where + "spec.session.handshakeTimeout (line 7): must be between 100ms and 1m, got 99ms"},
		"command timeout": {gateway: func(g *v1alpha1.Gateway) {
			g.Spec.Session = &v1alpha1.Session{CommandTimeout: new(v1alpha1.Duration("999ms"))}
		}, want: where + "spec.session.commandTimeout (line 7): must be between 1s and 10m, got 999ms"},
		"drain delay":  {gateway: func(g *v1alpha1.Gateway) { g.Spec.Drain = &v1alpha1.Drain{MinDelay: new(v1alpha1.Duration("11m"))} }, want: where + "spec.drain.minDelay (line 7): must be between 0s and 10m, got 11m"},
		"drain budget": {gateway: func(g *v1alpha1.Gateway) { g.Spec.Drain = &v1alpha1.Drain{Budget: new(v1alpha1.Duration("0s"))} }, want: where + "spec.drain.budget (line 7): must be between 1s and 1h, got 0s"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g, s := gateway(), users()
			if tt.gateway != nil {
				tt.gateway(g)
			}
			if tt.secret != nil {
				tt.secret(s)
			}
			snap, findings := compileOne(g, s)
			if snap != nil {
				t.Error("there is a snapshot in spite of an error")
			}
			var out strings.Builder
			if err := findings.Print(&out); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want+"\n", out.String()); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAllFindingsAreReportedAtOnce(t *testing.T) {
	g := gateway()
	g.Spec.Listener.Port = 0
	g.Spec.DefaultNamespace = new("-")
	g.Spec.Drain = &v1alpha1.Drain{Budget: new(v1alpha1.Duration("0s"))}
	_, findings := compile.Compile(objects([]*v1alpha1.Gateway{g}))
	var paths []string
	for _, f := range findings {
		paths = append(paths, f.FieldPath)
	}
	want := []string{
		"spec.listener.port", "spec.authentication.basic.usersSecretRef.name", "spec.defaultNamespace", "spec.drain.budget",
	}
	if diff := cmp.Diff(want, paths); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

func TestFindingsShowNoSecret(t *testing.T) {
	s := users()
	s.Data["alice"] = []byte("TopSecretPassword")
	s.Data["bad:name"] = []byte("$2a$99$TopSecret")
	s.Data["carol"] = []byte("$2a$99$TopSecretcAdndSyx8xgdDH29EAGbQukWu2X3yjf6AxwnhF6DLPv3")
	_, findings := compileOne(gateway(), s)
	if len(findings) == 0 {
		t.Fatal("no findings")
	}
	if shown := fmt.Sprintf("%+v", findings); strings.Contains(shown, "TopSecret") {
		t.Errorf("findings show a value of a Secret: %s", shown)
	}
}
