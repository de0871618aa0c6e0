package apiserver_test

import (
	"context"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/kubernetes"

	"github.com/twinway/twinway/test/apiserver"
)

func TestMain(m *testing.M) {
	apiserver.Main(m, apiserver.Options{ControllerManager: true})
}

func connect(t *testing.T) (*kubernetes.Clientset, context.Context) {
	t.Helper()
	client, err := kubernetes.NewForConfig(apiserver.Config())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return client, ctx
}

func TestCustomResourcesAreServed(t *testing.T) {
	client := discovery.NewDiscoveryClientForConfigOrDie(apiserver.Config())
	list, err := client.ServerResourcesForGroupVersion("twinway.dev/v1alpha1")
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	for _, resource := range list.APIResources {
		kinds[resource.Kind] = true
	}
	for _, kind := range []string{"Gateway", "Connection", "Subscription"} {
		if !kinds[kind] {
			t.Errorf("%s is not served", kind)
		}
	}
}

func TestRestartKeepsObjects(t *testing.T) {
	client, ctx := connect(t)
	namespace := apiserver.Namespace(t)
	kept := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "kept"}}
	if _, err := client.CoreV1().ConfigMaps(namespace).Create(ctx, kept, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	apiserver.Restart(t, func() {
		if _, err := client.CoreV1().ConfigMaps(namespace).Get(ctx, "kept", metav1.GetOptions{}); err == nil {
			t.Error("a stopped API server answers")
		}
	})
	if _, err := client.CoreV1().ConfigMaps(namespace).Get(ctx, "kept", metav1.GetOptions{}); err != nil {
		t.Errorf("after the restart: %v", err)
	}
}

func TestUsersHaveTheirOwnRights(t *testing.T) {
	_, ctx := connect(t)
	nobody := kubernetes.NewForConfigOrDie(apiserver.ConfigFor(t, "nobody"))
	_, err := nobody.CoreV1().Secrets(apiserver.Namespace(t)).List(ctx, metav1.ListOptions{})
	if !apierrors.IsForbidden(err) {
		t.Errorf("a user without rights is answered %v", err)
	}
}

func TestControllersRun(t *testing.T) {
	client, ctx := connect(t)
	namespace := apiserver.Namespace(t)
	if _, err := client.AppsV1().StatefulSets(namespace).Create(ctx, statefulSet(), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	watcher, err := client.CoreV1().Pods(namespace).Watch(ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer watcher.Stop()
	if event, ok := <-watcher.ResultChan(); !ok || event.Object.(*corev1.Pod).Name != "none-0" {
		t.Errorf("instead of the StatefulSet's pod there is %+v", event)
	}
}

func statefulSet() *appsv1.StatefulSet {
	labels := map[string]string{"app": "none"}
	return &appsv1.StatefulSet{
		ObjectMeta: metav1.ObjectMeta{Name: "none"},
		Spec: appsv1.StatefulSetSpec{
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "none", Image: "none"}}},
			},
		},
	}
}
