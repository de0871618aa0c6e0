package controllers_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/test/apiserver"
)

// With the rules of config/rbac, granted in its namespaces only, the operator can
// do all that it has to.
func TestTheOperatorNeedsItsRolesAndNoMore(t *testing.T) {
	w := emptyWorld(t)
	const user = "system:serviceaccount:twinway:operator"
	w.grant(user, "role.yaml", "operator_namespace_role.yaml")
	w.options.LeaderElection = true
	w.config = apiserver.ConfigFor(t, user)
	w.startOperator()
	w.runPods()

	g := w.gateway("edge")
	good := w.connection("good", "edge")
	w.create(g, w.users("edge", map[string]string{"ditto": bcrypt}), good)
	w.awaitCondition(g, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	w.awaitCondition(good, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonConnectionFailed)
	change(w, g, func(g *v1alpha1.Gateway) {
		g.Spec.DisruptionBudget = &v1alpha1.DisruptionBudget{State: new(v1alpha1.Disabled)}
	})
	w.awaitCondition(g, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	w.stop()
	if log := w.log.String(); strings.Contains(log, "forbidden") {
		t.Error("the operator was forbidden something")
	}
}

// grant gives a user the rules of files of config/rbac in the namespace.
func (w *world) grant(user string, files ...string) {
	w.Helper()
	scheme := runtime.NewScheme()
	if err := rbacv1.AddToScheme(scheme); err != nil {
		w.Fatal(err)
	}
	c, err := client.New(apiserver.Config(), client.Options{Scheme: scheme})
	if err != nil {
		w.Fatal(err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(strings.ReplaceAll(file, "_", "-"), ".yaml")
		role := &rbacv1.Role{ObjectMeta: w.named(name), Rules: w.rules(file)}
		binding := &rbacv1.RoleBinding{
			ObjectMeta: w.named(name), RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: name},
			Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}},
		}
		for _, object := range []client.Object{role, binding} {
			if err := c.Create(w.ctx, object); err != nil {
				w.Fatal(err)
			}
		}
	}
}

// rules returns the rules of the Roles and ClusterRoles in a file.
func (w *world) rules(file string) []rbacv1.PolicyRule {
	w.Helper()
	data, err := os.ReadFile(filepath.Join("..", "config", "rbac", file))
	if err != nil {
		w.Fatal(err)
	}
	var rules []rbacv1.PolicyRule
	for document := range bytes.SplitSeq(data, []byte("\n---\n")) {
		var role rbacv1.Role
		if err := yaml.Unmarshal(document, &role); err != nil {
			w.Fatal(err)
		}
		rules = append(rules, role.Rules...)
	}
	if len(rules) == 0 {
		w.Fatalf("no rules in %s", file)
	}
	return rules
}
