package controlplane

import (
	"context"
	"fmt"
	"path/filepath"
)

func (c *ControlPlane) startEtcd(ctx context.Context) error {
	client := fmt.Sprintf("http://%s:%d", c.options.Address, portEtcd)
	peer := fmt.Sprintf("http://%s:%d", c.options.Address, portEtcdPeer)
	p, err := c.run("etcd",
		"--data-dir="+filepath.Join(c.options.Dir, "etcd"),
		"--unsafe-no-fsync",
		"--listen-client-urls="+client, "--advertise-client-urls="+client,
		"--listen-peer-urls="+peer, "--initial-advertise-peer-urls="+peer,
		"--initial-cluster=default="+peer,
		"--log-level=warn",
	)
	if err != nil {
		return err
	}
	c.etcd = p
	return c.await(ctx, "etcd", p, func(ctx context.Context) error { return get(ctx, client+"/health") })
}
