package management

import "net/http"

// putDrain takes the gateway out of service. What is under way then shows in the
// Status.
func (p *Port) putDrain(w http.ResponseWriter, _ *http.Request) {
	p.options.Gateway.TakeOut()
	respond(w, http.StatusOK, p.Status())
}

// deleteDrain puts the gateway back into service. A gateway that is ending stays
// out of it, and says so in the Status.
func (p *Port) deleteDrain(w http.ResponseWriter, _ *http.Request) {
	p.options.Gateway.Resume()
	respond(w, http.StatusOK, p.Status())
}
