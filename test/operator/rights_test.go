package operator_test

import (
	"os"
	"path/filepath"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"

	"github.com/twinway/twinway/test/apiserver"
)

// Files of config/rbac with the operator's rights: in the namespaces that it
// looks after, and in its own.
const (
	roleEverywhere = "role.yaml"
	roleAtHome     = "operator_namespace_role.yaml"
)

// rules returns the rules of the first role in a file of config/rbac.
func (w *world) rules(file string) []rbacv1.PolicyRule {
	w.Helper()
	text, err := os.ReadFile(filepath.Join("../../config/rbac", file))
	if err != nil {
		w.Fatal(err)
	}
	for document := range strings.SplitSeq(string(text), "\n---\n") {
		var role rbacv1.Role
		if err := yaml.Unmarshal([]byte(document), &role); err != nil {
			w.Fatal(err)
		}
		if len(role.Rules) > 0 {
			return role.Rules
		}
	}
	w.Fatalf("%s has no rules", file)
	return nil
}

// operatorUser is who the operator of a namespace is.
func operatorUser(namespace string) string { return "operator-of-" + namespace }

// ownRights returns how an operator reaches the API server that has the rights
// of config/namespaced: Roles in its own namespace, which it looks after.
func (w *world) ownRights() *rest.Config {
	w.Helper()
	w.allow(w.namespace, "operator", w.rules(roleEverywhere))
	w.allow(w.namespace, "operator-own", w.rules(roleAtHome))
	return w.asOperator()
}

// asOperator returns how the operator reaches the API server, once it has been
// given its rights there.
func (w *world) asOperator() *rest.Config {
	w.Helper()
	config := apiserver.ConfigFor(w, operatorUser(w.namespace))
	c := kubernetes.NewForConfigOrDie(config)
	w.eventually("the rights are in force", func() bool {
		_, err := c.CoreV1().Secrets(w.namespace).List(w.ctx, metav1.ListOptions{Limit: 1})
		return err == nil && w.mayElect(c)
	})
	return config
}

// mayElect asks whether the rights for the own namespace are in force.
func (w *world) mayElect(c *kubernetes.Clientset) bool {
	_, err := c.CoordinationV1().Leases(w.namespace).Get(w.ctx, "twinway-operator", metav1.GetOptions{})
	return err == nil || strings.Contains(err.Error(), "not found")
}

// allow gives the operator rights in a namespace.
func (w *world) allow(namespace, name string, rules []rbacv1.PolicyRule) {
	w.Helper()
	admin := kubernetes.NewForConfigOrDie(apiserver.Config()).RbacV1()
	role := &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: rules}
	if _, err := admin.Roles(namespace).Create(w.ctx, role, metav1.CreateOptions{}); err != nil {
		w.Fatal(err)
	}
	binding := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: name},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: operatorUser(w.namespace)}},
	}
	if _, err := admin.RoleBindings(namespace).Create(w.ctx, binding, metav1.CreateOptions{}); err != nil {
		w.Fatal(err)
	}
}

// allowEverywhere gives the operator rights in all namespaces, until the end of
// the test.
func (w *world) allowEverywhere(rules []rbacv1.PolicyRule) {
	w.Helper()
	admin := kubernetes.NewForConfigOrDie(apiserver.Config()).RbacV1()
	name := operatorUser(w.namespace)
	role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: rules}
	if _, err := admin.ClusterRoles().Create(w.ctx, role, metav1.CreateOptions{}); err != nil {
		w.Fatal(err)
	}
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: name}},
	}
	if _, err := admin.ClusterRoleBindings().Create(w.ctx, binding, metav1.CreateOptions{}); err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() {
		_ = admin.ClusterRoleBindings().Delete(w.ctx, name, metav1.DeleteOptions{})
		_ = admin.ClusterRoles().Delete(w.ctx, name, metav1.DeleteOptions{})
	})
}
