package main

import (
	"fmt"
	"io"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/manifest"
	"github.com/twinway/twinway/internal/render"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/internal/snapshot/compile"
)

// What render can show.
const (
	showObjects   = "objects"
	showEffective = "effective"
	showSnapshot  = "snapshot"
)

func runRender(args []string, out, errs io.Writer) int {
	flags := newFlags("render", "render DIR [flags]", errs)
	name := flags.String("name", "", "the Gateway, as NAME or NAMESPACE/NAME, if DIR has several")
	show := flags.String("show", showObjects, "objects: what the operator would create; effective: the Gateway with all defaults; snapshot: the configuration of the pods")
	image := flags.String("image", "twinway", "the image that the operator would give to a gateway that names none")
	positional, code, ok := parseMixed(flags, args)
	if !ok {
		return code
	}
	if len(positional) != 1 {
		flags.Usage()
		return exitUsage
	}
	printed, known := map[string]func(rendering) ([]byte, error){
		showObjects: rendering.objects, showEffective: rendering.effective, showSnapshot: rendering.snapshot,
	}[*show]
	if !known {
		fmt.Fprintf(errs, "twinway: --show: %q is none of %s, %s and %s\n", *show, showObjects, showEffective, showSnapshot)
		return exitUsage
	}
	r, findings := newRendering(positional[0], *name, *image)
	if err := findings.Print(errs); err != nil {
		return exitFailed
	}
	if r.compiled == nil {
		fmt.Fprintf(errs, "twinway: %s is not a valid configuration\n", positional[0])
		return exitFailed
	}
	data, err := printed(r)
	if err == nil {
		_, err = out.Write(data)
	}
	if err != nil {
		fmt.Fprintln(errs, "twinway:", err)
		return exitFailed
	}
	if findings.HasErrors() {
		fmt.Fprintf(errs, "twinway: %s: what is above lacks what was refused\n", positional[0])
		return exitFailed
	}
	return exitOK
}

// rendering is a Gateway of manifests as the operator would see it.
type rendering struct {
	gateway  *v1alpha1.Gateway
	compiled *snapshot.Snapshot // nil if the Gateway is refused
	image    string
}

func newRendering(dir, name, image string) (rendering, snapshot.Findings) {
	objects, findings := manifest.Load(dir)
	objects.Select = name
	compiled, more := compile.Compile(objects)
	r := rendering{compiled: compiled, image: image}
	if compiled != nil {
		r.gateway = gatewayOf(objects, compiled.Gateway)
	}
	return r, append(findings, more...)
}

// gatewayOf returns the Gateway that a snapshot was compiled from.
func gatewayOf(objects compile.Objects, id snapshot.Identity) *v1alpha1.Gateway {
	for _, g := range objects.Gateways {
		// A manifest may leave out the namespace, which a snapshot never does.
		if g.Name == id.Name && (g.Namespace == id.Namespace || g.Namespace == "") {
			gateway := g.DeepCopy()
			gateway.Namespace = id.Namespace
			return gateway
		}
	}
	return nil
}

// objects prints what the operator would create. The namespace of the operator
// is the one that it is installed in by default.
func (r rendering) objects() ([]byte, error) {
	r.gateway.UID = render.NoUID
	result, err := render.Gateway(render.Input{
		Gateway: r.gateway, Snapshot: r.compiled.Encode(), Management: render.NoCertificates(),
		Settings: render.Settings{
			Image: r.image, PodMonitor: true,
			OperatorNamespace: "twinway-system",
			OperatorLabels:    map[string]string{render.LabelName: render.Application, render.LabelComponent: "operator"},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("render Gateway %s: %w", r.compiled.Gateway, err)
	}
	return render.YAML(result.Objects, true)
}

// effective prints the Gateway with everything filled in that was left out.
func (r rendering) effective() ([]byte, error) {
	return yaml.Marshal(map[string]any{
		"apiVersion": v1alpha1.GroupVersion.String(),
		"kind":       v1alpha1.GatewayKind,
		"metadata": metav1.ObjectMeta{
			Namespace: r.gateway.Namespace, Name: r.gateway.Name,
			Labels: r.gateway.Labels, Annotations: r.gateway.Annotations,
		},
		"spec": compile.Effective(r.gateway.Spec),
	})
}

// snapshot prints the configuration without its secrets. Its hash comes first,
// as a comment: it is that of the whole.
func (r rendering) snapshot() ([]byte, error) {
	data, err := render.SnapshotYAML(r.compiled)
	return []byte(strings.Join([]string{"# " + r.compiled.Hash(), string(data)}, "\n")), err
}
