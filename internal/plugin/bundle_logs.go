package plugin

import (
	"context"
	"io"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/internal/render"
)

// Bounds on logs.
const (
	maxLog     = 4 << 20 // bytes of a run of a container
	maxLogPods = 20
)

// logs adds what the containers of the pods have written last, and before their
// last restart.
func (b *bundle) logs(ctx context.Context) {
	var pods corev1.PodList
	err := b.Client.List(ctx, &pods, client.InNamespace(b.gateway.Namespace),
		client.MatchingLabels(render.Selector(b.gateway.Name)), client.Limit(maxLogPods))
	if err != nil {
		b.problem("pods", err)
		return
	}
	for _, pod := range pods.Items {
		for _, s := range pod.Status.ContainerStatuses {
			b.log(ctx, &pod, s.Name, false)
			if s.RestartCount > 0 {
				b.log(ctx, &pod, s.Name, true)
			}
		}
	}
}

func (b *bundle) log(ctx context.Context, pod *corev1.Pod, container string, previous bool) {
	name := "logs/" + pod.Name + "-" + container + ".log"
	if previous {
		name = "logs/" + pod.Name + "-" + container + ".previous.log"
	}
	stream, err := b.Logs(ctx, pod, container, previous, maxLog)
	if err != nil {
		b.problem(name, err)
		return
	}
	defer stream.Close() //nolint:errcheck // it was only read
	data, err := io.ReadAll(io.LimitReader(stream, maxLog))
	if err != nil {
		b.problem(name, err)
	}
	b.file(name, data)
}
