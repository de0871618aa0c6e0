package packaging

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
	"sigs.k8s.io/yaml"
)

// expression is a PromQL expression of an alert or of a panel.
type expression struct{ where, text string }

// alerts returns the expressions of config/prometheus.
func alerts(t *testing.T) []expression {
	t.Helper()
	var list []expression
	for _, rule := range rules(t) {
		list = append(list, expression{"alert " + rule.Alert, rule.Expr})
	}
	return list
}

type rule struct {
	Alert       string            `json:"alert"`
	Expr        string            `json:"expr"`
	For         string            `json:"for"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

func rules(t *testing.T) []rule {
	t.Helper()
	var file struct {
		Spec struct {
			Groups []struct {
				Rules []rule `json:"rules"`
			} `json:"groups"`
		} `json:"spec"`
	}
	if err := yaml.Unmarshal([]byte(readText(t, root+"/config/prometheus/rules.yaml")), &file); err != nil {
		t.Fatal(err)
	}
	var list []rule
	for _, group := range file.Spec.Groups {
		list = append(list, group.Rules...)
	}
	if len(list) == 0 {
		t.Fatal("there are no alerts")
	}
	return list
}

// panels returns the expressions of config/grafana, with what Grafana puts in
// for its variables.
func panels(t *testing.T) []expression {
	t.Helper()
	var dashboard struct {
		Panels []struct {
			Title   string `json:"title"`
			Targets []struct {
				Expr string `json:"expr"`
			} `json:"targets"`
		} `json:"panels"`
		Templating struct {
			List []struct {
				Name  string `json:"name"`
				Query any    `json:"query"`
			} `json:"list"`
		} `json:"templating"`
	}
	if err := json.Unmarshal([]byte(readText(t, root+"/config/grafana/dashboard.json")), &dashboard); err != nil {
		t.Fatal(err)
	}
	var list []expression
	for _, panel := range dashboard.Panels {
		for _, target := range panel.Targets {
			list = append(list, expression{"panel " + panel.Title, target.Expr})
		}
	}
	for _, variable := range dashboard.Templating.List {
		if query, ok := variable.Query.(map[string]any); ok {
			text, _ := query["query"].(string)
			inner, _, _ := strings.Cut(strings.TrimPrefix(text, "label_values("), ", ")
			list = append(list, expression{"variable " + variable.Name, inner})
		}
	}
	if len(list) == 0 {
		t.Fatal("there are no panels")
	}
	for i := range list {
		list[i].text = strings.NewReplacer("$__rate_interval", "5m", "$namespace", ".*", "$pod", ".*").Replace(list[i].text)
	}
	return list
}

// selectors parses an expression and returns what it selects.
func selectors(t *testing.T, e expression) []*parser.VectorSelector {
	t.Helper()
	tree, err := parser.NewParser(parser.Options{}).ParseExpr(e.text)
	if err != nil {
		t.Fatalf("%s: %v in %s", e.where, err, e.text)
	}
	var list []*parser.VectorSelector
	parser.Inspect(tree, func(node parser.Node, _ []parser.Node) error {
		if selector, ok := node.(*parser.VectorSelector); ok {
			list = append(list, selector)
		}
		return nil
	})
	if len(list) == 0 {
		t.Fatalf("%s selects nothing", e.where)
	}
	return list
}

// ofTarget are the labels that Prometheus adds to what it collects.
var ofTarget = []string{"__name__", "namespace", "pod", "job"}

// notTheGateways are metrics that do not come from a gateway.
var notTheGateways = regexp.MustCompile(`^(up|controller_runtime_.*|workqueue_.*|twinway_operator_.*)$`)

// Every metric and every label that an alert or a panel speaks of is one that a
// gateway has.
func TestMetricsOfAlertsAndPanelsExist(t *testing.T) {
	known := scrape(t)
	for _, e := range slices.Concat(alerts(t), panels(t)) {
		for _, selector := range selectors(t, e) {
			if notTheGateways.MatchString(selector.Name) {
				continue
			}
			has, ok := known[selector.Name]
			if !ok {
				t.Errorf("%s: a gateway has no metric %q", e.where, selector.Name)
				continue
			}
			for _, matcher := range selector.LabelMatchers {
				if !has[matcher.Name] && !slices.Contains(ofTarget, matcher.Name) {
					t.Errorf("%s: %s has no label %q", e.where, selector.Name, matcher.Name)
				}
			}
		}
	}
}

// Every metric of the gateway's own is on the dashboard.
func TestDashboardShowsEveryMetric(t *testing.T) {
	shown := map[string]bool{}
	for _, e := range panels(t) {
		for _, selector := range selectors(t, e) {
			shown[strings.TrimSuffix(selector.Name, "_bucket")] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(scrape(t))) {
		family := regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(name, "")
		if strings.HasPrefix(name, "twinway_") && !shown[family] {
			t.Errorf("%s is not on the dashboard", family)
		}
	}
}

// An alert says how bad it is, what is wrong and what to do, about labels that it
// still has.
func TestAlertsAreComplete(t *testing.T) {
	mentioned := regexp.MustCompile(`\$labels\.([a-z_]+)`)
	for _, rule := range rules(t) {
		if severity := rule.Labels["severity"]; severity != "warning" && severity != "critical" {
			t.Errorf("%s: severity %q", rule.Alert, severity)
		}
		if rule.Annotations["summary"] == "" || rule.Annotations["description"] == "" {
			t.Errorf("%s lacks summary or description", rule.Alert)
		}
		tree, err := parser.NewParser(parser.Options{}).ParseExpr(rule.Expr)
		if err != nil {
			t.Fatal(err)
		}
		kept := grouping(tree)
		for _, text := range rule.Annotations {
			for _, match := range mentioned.FindAllStringSubmatch(text, -1) {
				if kept != nil && !slices.Contains(kept, match[1]) {
					t.Errorf("%s mentions the label %s, which it aggregates away", rule.Alert, match[1])
				}
			}
		}
	}
}

// grouping returns the labels that the outermost aggregation keeps, nil if there
// is none.
func grouping(tree parser.Expr) []string {
	var kept []string
	parser.Inspect(tree, func(node parser.Node, _ []parser.Node) error {
		if aggregate, ok := node.(*parser.AggregateExpr); ok && kept == nil {
			kept = append([]string{}, aggregate.Grouping...)
		}
		return nil
	})
	return kept
}

// The name that alerts and panels know the operator's job by is that of the
// Service, which is what Prometheus calls it.
func TestJobIsTheMetricsService(t *testing.T) {
	var service object
	for _, o := range objects(t, []byte(readText(t, filepath.Join(root, "config/manager/metrics_service.yaml")))) {
		service = o
	}
	for _, e := range slices.Concat(alerts(t), panels(t)) {
		for _, selector := range selectors(t, e) {
			for _, matcher := range selector.LabelMatchers {
				if matcher.Name == "job" && matcher.Value != service.text("metadata", "name") {
					t.Errorf("%s is about the job %s", e.where, matcher.Value)
				}
			}
		}
	}
}
