package plugin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/render"
)

// PodEvents are what has happened on a Connection lately, in one pod.
type PodEvents struct {
	Pod string `json:"pod"`
	// Events are sorted, oldest first.
	Events []Event `json:"events"`
	// Error says why the pod could not be asked; empty if it could.
	Error string `json:"error,omitempty"`
}

// Events asks the pods that keep a Connection what has happened on it lately.
func (p *Plugin) Events(ctx context.Context, namespace, connection string) ([]PodEvents, error) {
	c := new(v1alpha1.Connection)
	err := p.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: connection}, c)
	if apierrors.IsNotFound(err) {
		return nil, p.missing(ctx, v1alpha1.ConnectionKind, namespace, connection)
	}
	if err != nil {
		return nil, err
	}
	var pods corev1.PodList
	err = p.Client.List(ctx, &pods, client.InNamespace(namespace), client.MatchingLabels(render.Selector(c.Spec.GatewayRef.Name)), client.Limit(maxLogPods))
	if err != nil {
		return nil, err
	}
	if len(pods.Items) == 0 {
		return nil, fmt.Errorf("no pod of Gateway %s/%s could be asked: there is none", namespace, c.Spec.GatewayRef.Name)
	}
	var all []PodEvents
	var failed []error
	for _, pod := range pods.Items {
		events, err := p.eventsOf(ctx, &pod, connection)
		told := PodEvents{Pod: pod.Name, Events: events}
		if err != nil {
			told.Events, told.Error = []Event{}, clean(Explain(err).Error())
			failed = append(failed, fmt.Errorf("pod %s: %w", pod.Name, err))
		}
		all = append(all, told)
	}
	if len(failed) == len(all) {
		return nil, errors.Join(failed...)
	}
	return all, nil
}

func (p *Plugin) eventsOf(ctx context.Context, pod *corev1.Pod, connection string) ([]Event, error) {
	answer, err := p.Ask(ctx, pod, "/connections/"+url.PathEscape(connection)+"/events")
	if err != nil {
		return nil, err
	}
	defer answer.Close() //nolint:errcheck // it was only read
	return ReadEvents(answer)
}

// AdminPort returns the number of the port of a pod at which its gateway answers
// to people, 0 if it has none.
func AdminPort(pod *corev1.Pod) int32 {
	for _, c := range pod.Spec.Containers {
		for _, port := range c.Ports {
			if port.Name == render.PortAdmin {
				return port.ContainerPort
			}
		}
	}
	return 0
}

// PrintPodEvents writes events for people.
func PrintPodEvents(w io.Writer, pods []PodEvents) error {
	l := &lines{w: w}
	for _, p := range pods {
		if len(pods) > 1 {
			l.printf("Pod %s", clean(p.Pod))
		}
		if p.Error != "" {
			l.printf("  not asked: %s", p.Error)
		}
		for _, e := range p.Events {
			l.printf("%s", e)
		}
	}
	return l.err
}
