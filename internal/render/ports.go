package render

// Ports of a pod beside the one for clients, which is the user's choice and may
// be one of these.
const (
	adminPort      = 8081
	managementPort = 9443
)

func (r renderer) adminPort() int32      { return r.unused(adminPort) }
func (r renderer) managementPort() int32 { return r.unused(managementPort) }

// unused returns a port, or the next one if clients have it.
func (r renderer) unused(port int32) int32 {
	if r.spec.Listener.Port == port {
		return port + 1
	}
	return port
}
