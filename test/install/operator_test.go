package install

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/twinway/twinway/test/apiserver"
)

// operator is a running operator.
type operator struct {
	t       *testing.T
	address string
	mu      sync.Mutex
	log     bytes.Buffer
}

// Write implements io.Writer for the operator's log.
func (o *operator) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.log.Write(p)
}

func (o *operator) said() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.log.String()
}

// startOperator runs the operator as the Deployment in the namespace says: with
// its command line, its environment, and the rights of its service account.
func startOperator(t *testing.T, namespace string) *operator {
	t.Helper()
	args, env := deployed(t, namespace)
	o := &operator{t: t, address: apiserver.Address(250).String()}
	for i, arg := range args {
		arg = strings.ReplaceAll(arg, "$(POD_NAMESPACE)", namespace)
		args[i] = strings.Replace(arg, "address=:", "address="+o.address+":", 1)
	}
	command := exec.CommandContext(t.Context(), binary(t), append(args, "--kubeconfig", kubeconfig(t, namespace))...)
	command.Env = slices.Concat(env, []string{"POD_NAMESPACE=" + namespace, "HOME=" + t.TempDir()})
	command.Stdout, command.Stderr = o, o
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = 30 * time.Second
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // the context has ended it
		if err := command.Wait(); err != nil && command.ProcessState.ExitCode() != 0 {
			t.Errorf("the operator ended: %v", err)
		}
		if t.Failed() {
			t.Log("the operator said:\n" + o.said())
		}
	})
	return o
}

// deployed returns command line and environment of the operator's container, of
// the latter what is plain text.
func deployed(t *testing.T, namespace string) (args, env []string) {
	t.Helper()
	var container struct {
		Args []string `json:"args"`
		Env  []struct{ Name, Value string }
	}
	text := mustKubectl(t, "-n", namespace, "get", "deployment", "twinway-operator", "-o", "jsonpath={.spec.template.spec.containers[0]}")
	if err := json.Unmarshal([]byte(text), &container); err != nil {
		t.Fatal(err)
	}
	for _, variable := range container.Env {
		if variable.Value != "" {
			env = append(env, variable.Name+"="+variable.Value)
		}
	}
	return container.Args, env
}

// binary builds the program, once.
func binary(t *testing.T) string {
	t.Helper()
	file, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

var built = sync.OnceValues(func() (string, error) {
	file := filepath.Join(apiserver.Dir(), "twinway")
	command := exec.CommandContext(context.Background(), "go", "build", "-o", file, "./cmd/twinway")
	command.Dir = root
	if out, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w: %s", err, out)
	}
	return file, nil
})

// kubeconfig returns a file with which the operator's service account reaches
// the API server.
func kubeconfig(t *testing.T, namespace string) string {
	t.Helper()
	rest := apiserver.ConfigFor(t, "system:serviceaccount:"+namespace+":twinway-operator",
		"system:serviceaccounts", "system:serviceaccounts:"+namespace, "system:authenticated")
	config := clientcmdapi.NewConfig()
	config.Clusters["tests"] = &clientcmdapi.Cluster{Server: rest.Host, CertificateAuthorityData: rest.CAData, CertificateAuthority: rest.CAFile}
	config.AuthInfos["operator"] = &clientcmdapi.AuthInfo{
		ClientCertificateData: rest.CertData, ClientKeyData: rest.KeyData,
		ClientCertificate: rest.CertFile, ClientKey: rest.KeyFile, Token: rest.BearerToken,
	}
	config.Contexts["tests"] = &clientcmdapi.Context{Cluster: "tests", AuthInfo: "operator"}
	config.CurrentContext = "tests"
	file := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, file); err != nil {
		t.Fatal(err)
	}
	return file
}

// until waits for something.
func (o *operator) until(what string, done func() bool) {
	o.t.Helper()
	for deadline := time.Now().Add(guard); !done(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(deadline) {
			o.t.Fatalf("never: %s", what)
		}
	}
}

// mustHaveBeenAllowed checks that the API server refused nothing.
func (o *operator) mustHaveBeenAllowed() {
	o.t.Helper()
	for line := range strings.Lines(o.said()) {
		if strings.Contains(line, "forbidden") || strings.Contains(line, "Forbidden") {
			o.t.Errorf("a right is missing: %s", line)
		}
	}
}

// The operator gets by with the rights that it is given for all namespaces.
func TestRightsForAllNamespaces(t *testing.T) {
	mustKubectl(t, "apply", "--server-side", "-k", "config/default")
	mustKubectl(t, "apply", "--server-side", "-f", "test/install/testdata/podmonitors.yaml")
	o := startOperator(t, "twinway-system")
	namespace := apiserver.Namespace(t)
	lifeOfGateway(o, namespace)
	o.mustHaveBeenAllowed()
	mustHaveMetrics(o)
}

// The operator of one namespace gets by with Roles.
func TestRightsForOneNamespace(t *testing.T) {
	mustKubectl(t, "apply", "--server-side", "-k", "config/crd")
	mustKubectl(t, "apply", "--server-side", "-f", "test/install/testdata/podmonitors.yaml")
	ensureNamespace(t, "twins")
	mustKubectl(t, "apply", "--server-side", "-k", "config/namespaced")
	o := startOperator(t, "twins")
	// A claim that was restored from a backup is taken over, and stays.
	mustKubectl(t, "-n", "twins", "apply", "--server-side", "-f", "test/install/testdata/restored.yaml")
	restored := claim(t)
	lifeOfGateway(o, "twins")
	o.mustHaveBeenAllowed()
	if now := claim(t); now != restored {
		t.Errorf("the claim was %s and is %s", restored, now)
	}
}

// An operator that is there before its definitions says what is missing, and works
// once they are there.
func TestTheOperatorWaitsForItsDefinitions(t *testing.T) {
	mustKubectl(t, "apply", "--server-side", "-k", "config/default")
	mustKubectl(t, "apply", "--server-side", "-f", "test/install/testdata/podmonitors.yaml")
	mustKubectl(t, "delete", "--wait", "-k", "config/crd")
	defer mustKubectl(t, "apply", "--server-side", "-k", "config/crd")
	o := startOperator(t, "twinway-system")
	o.until("it says again what is missing", func() bool {
		return strings.Count(o.said(), "install the custom resource definitions") >= 2
	})
	if status := o.status("readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("without the definitions, readiness is %d", status)
	}
	mustKubectl(t, "apply", "--server-side", "-k", "config/crd")
	o.until("it is ready", func() bool { return o.status("readyz") == http.StatusOK })
}

// status returns what a probe is answered; 0 when nobody answers.
func (o *operator) status(probe string) int {
	ctx, cancel := context.WithTimeout(o.t.Context(), 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+o.address+":8081/"+probe, http.NoBody)
	if err != nil {
		o.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0
	}
	defer func() { _ = response.Body.Close() }()
	return response.StatusCode
}

// claim returns the uid of the Gateway's claim.
func claim(t *testing.T) string {
	t.Helper()
	return mustKubectl(t, "-n", "twins", "get", "persistentvolumeclaim", "demo-data", "-o", "jsonpath={.metadata.uid}")
}

// lifeOfGateway has the operator create, change and delete objects of every kind
// that it may render.
func lifeOfGateway(o *operator, namespace string) {
	o.t.Helper()
	mustKubectl(o.t, "-n", namespace, "apply", "--server-side", "-k", "config/samples")
	rendered := []string{
		"statefulset/demo", "service/demo", "service/demo-pods", "serviceaccount/demo", "secret/demo-snapshot", "secret/demo-management",
		"persistentvolumeclaim/demo-data", "poddisruptionbudget/demo", "networkpolicy/demo", "podmonitor/demo",
	}
	o.until("all objects are there", func() bool { return present(o.t, namespace, rendered...) })
	o.until("the status says so", func() bool {
		const conditions = `jsonpath={.status.conditions[?(@.type=="Accepted")].reason} {.status.conditions[?(@.type=="Programmed")].reason}`
		return mustKubectl(o.t, "-n", namespace, "get", "gateways.twinway.dev", "demo", "-o", conditions) == "Accepted NoReadyPods"
	})
	patch := `{"spec":{"disruptionBudget":{"state":"Disabled"},"networkPolicy":{"state":"Disabled"},"monitoring":{"podMonitor":"Disabled"},"autoscaling":{"maxReplicas":1}}}`
	mustKubectl(o.t, "-n", namespace, "patch", "gateways.twinway.dev", "demo", "--type=merge", "-p", patch)
	o.until("what is not rendered any more is gone", func() bool {
		return present(o.t, namespace, "horizontalpodautoscaler/demo") && absent(o.t, namespace, "poddisruptionbudget/demo", "networkpolicy/demo", "podmonitor/demo")
	})
	o.until("there are events", func() bool {
		return strings.Contains(mustKubectl(o.t, "-n", namespace, "get", "events.events.k8s.io", "-o", "name"), "event")
	})
	mustKubectl(o.t, "-n", namespace, "delete", "--wait=false", "-k", "config/samples")
	o.until("what was rendered is gone", func() bool { return absent(o.t, namespace, "statefulset/demo", "secret/demo-snapshot") })
}

func present(t *testing.T, namespace string, names ...string) bool {
	_, failed := kubectl(t, nil, append([]string{"-n", namespace, "get", "-o", "name"}, names...)...)
	return failed == ""
}

func absent(t *testing.T, namespace string, names ...string) bool {
	return mustKubectl(t, append([]string{"-n", namespace, "get", "--ignore-not-found", "-o", "name"}, names...)...) == ""
}

// mustHaveMetrics checks that those who have the role may read the metrics, that
// others may not, and that alerts and dashboard speak of metrics that there are.
func mustHaveMetrics(o *operator) {
	o.t.Helper()
	mustKubectl(o.t, "-n", "default", "create", "serviceaccount", "prometheus", "--save-config=false")
	mustKubectl(o.t, "create", "clusterrolebinding", "prometheus", "--clusterrole=twinway-operator-metrics-reader", "--serviceaccount=default:prometheus")
	reader := strings.TrimSpace(mustKubectl(o.t, "-n", "default", "create", "token", "prometheus"))
	stranger := strings.TrimSpace(mustKubectl(o.t, "-n", "default", "create", "token", "default"))
	for token, want := range map[string]int{"": http.StatusUnauthorized, stranger: http.StatusForbidden} {
		if code, _ := o.metrics(token); code != want {
			o.t.Errorf("somebody without the role gets %d, want %d", code, want)
		}
	}
	code, text := o.metrics(reader)
	if code != http.StatusOK {
		o.t.Fatalf("metrics: %d", code)
	}
	for _, name := range mentioned(o.t) {
		if !strings.Contains(text, "\n"+name+"{") && !strings.Contains(text, "\n"+name+" ") {
			o.t.Errorf("the operator has no metric %s", name)
		}
	}
}

// metrics asks for the operator's metrics.
func (o *operator) metrics(token string) (int, string) {
	o.t.Helper()
	request, err := http.NewRequestWithContext(o.t.Context(), http.MethodGet, "https://"+o.address+":8443/metrics", nil)
	if err != nil {
		o.t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} // as in the ServiceMonitor
	defer transport.CloseIdleConnections()
	answer, err := (&http.Client{Transport: transport, Timeout: guard}).Do(request)
	if err != nil {
		o.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// mentioned returns the operator's metrics that alerts and dashboard speak of.
func mentioned(t *testing.T) []string {
	t.Helper()
	name := regexp.MustCompile(`\b(twinway_operator|controller_runtime|workqueue)_[a-z_]+`)
	var names []string
	for _, file := range []string{"config/prometheus/rules.yaml", "config/grafana/dashboard.json"} {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name.FindAllString(string(text), -1)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// What the operator may not do although it could be thought to.
func TestRightsThatTheOperatorLacks(t *testing.T) {
	mustKubectl(t, "apply", "--server-side", "-k", "config/default")
	ensureNamespace(t, "twins")
	mustKubectl(t, "apply", "--server-side", "-k", "config/namespaced")
	for _, test := range []struct {
		operator string
		may      string
		want     string
	}{
		{"twinway-system", "list gateways.twinway.dev --all-namespaces", "yes"},
		{"twinway-system", "update gateways.twinway.dev --all-namespaces", "no"},
		{"twinway-system", "delete gateways.twinway.dev --all-namespaces", "no"},
		{"twinway-system", "create pods --all-namespaces", "no"},
		{"twinway-system", "delete pods --all-namespaces", "no"},
		{"twinway-system", "create pods --subresource=exec --all-namespaces", "no"},
		{"twinway-system", "create serviceaccounts --subresource=token --all-namespaces", "no"},
		{"twinway-system", "delete persistentvolumeclaims --all-namespaces", "no"},
		{"twinway-system", "delete secrets -n default", "yes"},
		{"twinway-system", "list nodes", "no"},
		{"twinway-system", "create roles.rbac.authorization.k8s.io --all-namespaces", "no"},
		{"twinway-system", "impersonate users", "no"},
		{"twinway-system", "create deployments.apps --all-namespaces", "no"},
		{"twinway-system", "update leases.coordination.k8s.io/other -n twinway-system", "no"},
		{"twinway-system", "update leases.coordination.k8s.io/twinway-operator -n twinway-system", "yes"},
		{"twinway-system", "update leases.coordination.k8s.io/twinway-operator -n default", "no"},
		{"twins", "list gateways.twinway.dev -n twins", "yes"},
		{"twins", "list gateways.twinway.dev --all-namespaces", "no"},
		{"twins", "get secrets -n default", "no"},
		{"twins", "get secrets -n twins", "yes"},
		{"twins", "create tokenreviews.authentication.k8s.io", "no"},
	} {
		args := append([]string{"auth", "can-i", "--as=system:serviceaccount:" + test.operator + ":twinway-operator"}, strings.Fields(test.may)...)
		out, _ := kubectl(t, nil, args...) // "no" is a failure
		if got := strings.TrimSpace(out); got != test.want {
			t.Errorf("the operator of %s, %s: %q, want %q", test.operator, test.may, got, test.want)
		}
	}
}
