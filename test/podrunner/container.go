package podrunner

import (
	"fmt"
	"os"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/twinway/twinway/test/process"
)

// command returns what runs in place of the pod's container.
func (p *pod) command() (process.Command, error) {
	env, err := p.environment()
	if err != nil {
		return process.Command{}, err
	}
	args := make([]string, 0, len(p.container().Args)+1)
	for _, arg := range p.container().Args {
		args = append(args, p.rewrite(arg))
	}
	if port, err := p.port("clients"); err == nil {
		args = append(args, fmt.Sprintf("--listen=%s:%d", p.ip, port))
	}
	return process.Command{Path: p.runner.options.Binary, Args: args, Env: env, Dir: p.dir, Output: p.log}, nil
}

// container returns the one that counts.
func (p *pod) container() *corev1.Container { return &p.spec.Containers[0] }

// rewrite makes the value of a flag --name=value fit a process without mounts
// and network of its own.
func (p *pod) rewrite(arg string) string {
	flag, value, ok := strings.Cut(arg, "=")
	if !ok {
		return arg
	}
	if strings.HasPrefix(value, ":") {
		return flag + "=" + p.ip.String() + value
	}
	for _, mount := range p.container().VolumeMounts {
		rest, ok := strings.CutPrefix(value, mount.MountPath)
		if ok && (rest == "" || rest[0] == '/') {
			return flag + "=" + p.volumeDir(mount.Name) + rest
		}
	}
	return arg
}

// environment returns the container's, and what a Go program needs of ours.
func (p *pod) environment() ([]string, error) {
	env := []string{"PATH=" + os.Getenv("PATH"), "HOSTNAME=" + p.name}
	for _, v := range p.container().Env {
		value := v.Value
		if v.ValueFrom != nil {
			var err error
			if value, err = p.valueFrom(v.ValueFrom); err != nil {
				return nil, fmt.Errorf("environment variable %s: %w", v.Name, err)
			}
		}
		env = append(env, v.Name+"="+value)
	}
	return env, nil
}

func (p *pod) valueFrom(source *corev1.EnvVarSource) (string, error) {
	if source.FieldRef == nil {
		return "", fmt.Errorf("only fields of the pod are known here")
	}
	switch path := source.FieldRef.FieldPath; path {
	case "metadata.name":
		return p.name, nil
	case "metadata.namespace":
		return p.runner.options.Namespace, nil
	case "metadata.uid":
		return string(p.uid), nil
	case "status.podIP":
		return p.ip.String(), nil
	default:
		return "", fmt.Errorf("field %s is not known here", path)
	}
}

// port returns the number of a named port.
func (p *pod) port(name string) (int32, error) {
	for _, port := range p.container().Ports {
		if port.Name == name {
			return port.ContainerPort, nil
		}
	}
	return 0, fmt.Errorf("there is no port %q", name)
}

// portOf returns the number of a port by name or number.
func (p *pod) portOf(port intstr.IntOrString) (int32, error) {
	if port.Type == intstr.Int {
		return port.IntVal, nil
	}
	return p.port(port.StrVal)
}
