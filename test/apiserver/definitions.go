package apiserver

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"

	"github.com/twinway/twinway/test/controlplane"
)

// discoveryInterval is how often the API server is asked what it serves.
const discoveryInterval = 50 * time.Millisecond

// installDefinitions installs the CustomResourceDefinitions of config/crd/bases
// and returns when they can be used.
func installDefinitions(ctx context.Context, config *rest.Config) error {
	root, err := controlplane.Root()
	if err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(root, "config/crd/bases/*.yaml"))
	if err != nil {
		return err
	}
	client, err := clientset.NewForConfig(config)
	if err != nil {
		return err
	}
	var installed []*apiextensionsv1.CustomResourceDefinition
	for _, file := range files {
		definition, err := installDefinition(ctx, client, file)
		if err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(file), err)
		}
		installed = append(installed, definition)
	}
	return awaitServed(ctx, client.Discovery(), installed)
}

func installDefinition(ctx context.Context, client clientset.Interface, file string) (*apiextensionsv1.CustomResourceDefinition, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var definition apiextensionsv1.CustomResourceDefinition
	if err := yaml.UnmarshalStrict(text, &definition); err != nil {
		return nil, err
	}
	return client.ApiextensionsV1().CustomResourceDefinitions().Create(ctx, &definition, metav1.CreateOptions{})
}

// awaitServed asks discovery, which is what clients look at, and which comes to
// know of a definition only after that is established.
func awaitServed(ctx context.Context, client discovery.DiscoveryInterface, definitions []*apiextensionsv1.CustomResourceDefinition) error {
	for _, d := range definitions {
		err := wait.PollUntilContextCancel(ctx, discoveryInterval, true, func(context.Context) (bool, error) {
			return served(client, d), nil
		})
		if err != nil {
			return fmt.Errorf("%s is not served: %w", d.Name, err)
		}
	}
	return nil
}

// served says whether discovery knows the newest version of the resource.
func served(client discovery.DiscoveryInterface, d *apiextensionsv1.CustomResourceDefinition) bool {
	version := d.Spec.Versions[len(d.Spec.Versions)-1].Name
	list, err := client.ServerResourcesForGroupVersion(d.Spec.Group + "/" + version)
	if err != nil {
		return false
	}
	for _, resource := range list.APIResources {
		if resource.Name == d.Spec.Names.Plural {
			return true
		}
	}
	return false
}
