package scale

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/twinway/twinway/test/apiserver"
)

// metric is one line of what a program exposes.
type metric struct {
	name   string
	labels map[string]string
	value  float64
}

type metrics []metric

// parseMetrics reads the text format. Values of labels hold no commas and quotes
// here.
func parseMetrics(text string) metrics {
	var all metrics
	for line := range strings.Lines(text) {
		series, number, ok := cutLast(strings.TrimSpace(line), " ")
		value, err := strconv.ParseFloat(number, 64)
		if !ok || err != nil || strings.HasPrefix(line, "#") {
			continue
		}
		name, labels, _ := strings.Cut(strings.TrimSuffix(series, "}"), "{")
		m := metric{name: name, labels: map[string]string{}, value: value}
		for pair := range strings.SplitSeq(labels, `",`) {
			if key, value, ok := strings.Cut(strings.TrimSuffix(pair, `"`), `="`); ok {
				m.labels[key] = value
			}
		}
		all = append(all, m)
	}
	return all
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// sum adds up the metrics of a name that are wanted.
func (m metrics) sum(name string, wanted func(labels map[string]string) bool) float64 {
	total := 0.0
	for _, one := range m {
		if one.name == name && wanted(one.labels) {
			total += one.value
		}
	}
	return total
}

// quantile returns, of a histogram in seconds, the bound of the bucket that a
// share of all is not above; labels select its series.
func (m metrics) quantile(name string, share float64, wanted func(labels map[string]string) bool) string {
	buckets := map[float64]float64{}
	for _, one := range m {
		if one.name == name+"_bucket" && wanted(one.labels) {
			bound, _ := strconv.ParseFloat(one.labels["le"], 64)
			buckets[bound] += one.value
		}
	}
	all := buckets[math.Inf(1)]
	var bounds []float64
	for bound := range buckets {
		bounds = append(bounds, bound)
	}
	slices.Sort(bounds)
	for i, bound := range bounds {
		switch {
		case all == 0 || buckets[bound] < share*all:
		case math.IsInf(bound, 1):
			return "> " + rounded(time.Duration(bounds[i-1]*float64(time.Second)))
		default:
			return "≤ " + rounded(time.Duration(bound*float64(time.Second)))
		}
	}
	return "none"
}

func TestMetrics(t *testing.T) {
	m := parseMetrics(`# HELP h
h_bucket{kind="a",le="0.1"} 50
h_bucket{kind="a",le="1"} 98
h_bucket{kind="a",le="+Inf"} 100
h_bucket{kind="b",le="+Inf"} 7
c{verb="PATCH",x="y z"} 1.5e+1
plain 3
`)
	a := func(labels map[string]string) bool { return labels["kind"] == "a" }
	for share, want := range map[float64]string{0.5: "≤ 100 ms", 0.9: "≤ 1.00 s", 0.99: "> 1.00 s"} {
		if got := m.quantile("h", share, a); got != want {
			t.Errorf("quantile %v: %q, want %q", share, got, want)
		}
	}
	if got := m.sum("c", func(labels map[string]string) bool { return labels["x"] == "y z" }); got != 15 {
		t.Errorf("sum: %v", got)
	}
	if got := m.sum("plain", func(map[string]string) bool { return true }); got != 3 {
		t.Errorf("without labels: %v", got)
	}
}

// metricsReader is the service account that reads metrics.
const metricsReader = "scale-metrics"

// token returns a token with which the operator's metrics may be read.
func (w *world) token() string {
	w.Helper()
	reader := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: metricsReader}}
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: metricsReader},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "twinway-operator-metrics-reader"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: operatorNamespace, Name: metricsReader}},
	}
	if err := w.Create(w.ctx, reader); err != nil && !apierrors.IsAlreadyExists(err) {
		w.Fatal(err)
	}
	if err := w.Create(w.ctx, binding); err != nil && !apierrors.IsAlreadyExists(err) {
		w.Fatal(err)
	}
	accounts := kubernetes.NewForConfigOrDie(apiserver.Config()).CoreV1().ServiceAccounts(operatorNamespace)
	answer, err := accounts.CreateToken(w.ctx, metricsReader, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	w.must("create a token", err)
	return answer.Status.Token
}

// metrics returns those of the operator.
func (o *operator) metrics(ctx context.Context, token string) metrics {
	o.t.Helper()
	o.mustRun()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+o.address.String()+":8443/metrics", nil)
	if err != nil {
		o.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} // as a ServiceMonitor does
	defer transport.CloseIdleConnections()
	answer, err := (&http.Client{Transport: transport, Timeout: time.Minute}).Do(request)
	if err != nil {
		o.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		o.t.Fatalf("metrics: %s, %v", answer.Status, err)
	}
	return parseMetrics(string(text))
}

// serverMetrics returns those of the API server.
func (w *world) serverMetrics() metrics {
	w.Helper()
	c := kubernetes.NewForConfigOrDie(apiserver.Config())
	text, err := c.Discovery().RESTClient().Get().AbsPath("/metrics").DoRaw(w.ctx)
	w.must("metrics of the API server", err)
	return parseMetrics(string(text))
}

// isWrite says of a request to the API server whether it changes something,
// leases left out: they are renewed as long as there is a leader.
func isWrite(labels map[string]string) bool {
	switch labels["verb"] {
	case "POST", "PUT", "PATCH", "APPLY", "DELETE", "DELETECOLLECTION":
		return labels["resource"] != "leases" && !isReview(labels["resource"])
	}
	return false
}

// isReview says whether what is posted is a question.
func isReview(resource string) bool {
	return slices.Contains([]string{"tokenreviews", "subjectaccessreviews", "serviceaccounts"}, resource)
}

// isLease says of a request whether it renews a lease.
func isLease(labels map[string]string) bool {
	return labels["resource"] == "leases" && labels["verb"] == "PUT"
}

// requests is what an operator with nothing to do asks of the API server in a
// minute.
type requests struct{ writes, leases, others float64 }

func requestsSince(before, after metrics, took time.Duration) requests {
	rate := func(wanted func(map[string]string) bool) float64 {
		const name = "apiserver_request_total"
		return (after.sum(name, wanted) - before.sum(name, wanted)) / took.Minutes()
	}
	r := requests{writes: rate(isWrite), leases: rate(isLease)}
	r.others = rate(func(map[string]string) bool { return true }) - r.writes - r.leases
	return r
}

// describe names what was written, for finding out why.
func writesSince(before, after metrics) string {
	var found []string
	for _, m := range after {
		if m.name != "apiserver_request_total" || !isWrite(m.labels) {
			continue
		}
		same := func(labels map[string]string) bool {
			return labels["verb"] == m.labels["verb"] && labels["resource"] == m.labels["resource"] &&
				labels["subresource"] == m.labels["subresource"] && labels["code"] == m.labels["code"]
		}
		if n := m.value - before.sum(m.name, same); n > 0 {
			found = append(found, fmt.Sprintf("%.0f %s %s/%s (%s)", n, m.labels["verb"], m.labels["resource"], m.labels["subresource"], m.labels["code"]))
		}
	}
	return strings.Join(found, ", ")
}
