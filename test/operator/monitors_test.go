package operator_test

import (
	"os"
	"sync"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/twinway/twinway/test/apiserver"
)

var monitors sync.Mutex

// installMonitors has the cluster know PodMonitors, so that every kind that may
// be rendered is.
func installMonitors(w *world) {
	w.Helper()
	monitors.Lock()
	defer monitors.Unlock()
	c, err := clientset.NewForConfig(apiserver.Config())
	if err != nil {
		w.Fatal(err)
	}
	if monitorsServed(c) {
		return
	}
	text, err := os.ReadFile("../install/testdata/podmonitors.yaml")
	if err != nil {
		w.Fatal(err)
	}
	var definition apiextensionsv1.CustomResourceDefinition
	if err := yaml.UnmarshalStrict(text, &definition); err != nil {
		w.Fatal(err)
	}
	if _, err := c.ApiextensionsV1().CustomResourceDefinitions().Create(w.ctx, &definition, metav1.CreateOptions{}); err != nil {
		w.Fatal(err)
	}
	w.eventually("PodMonitors are served", func() bool { return monitorsServed(c) })
}

func monitorsServed(c *clientset.Clientset) bool {
	list, err := c.Discovery().ServerResourcesForGroupVersion("monitoring.coreos.com/v1")
	return err == nil && len(list.APIResources) > 0
}
