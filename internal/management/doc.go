// Package management is the wire form of a gateway's management port: what the
// operator tells a pod, and what the pod says of itself.
//
// The port speaks HTTPS with certificates on both sides, from an authority of
// the operator's own. Both sides import the package, and it knows neither.
//
//	PUT    /v1/snapshot            takes a snapshot over: 200, or 4xx with the Status
//	                               whose Refused says why
//	GET    /v1/status?after=&wait= the Status, at once if its Version is not the one
//	                               named by after, else when that changes or when the
//	                               wait, a duration, is over
//	PUT    /v1/drain               takes the pod out of service
//	DELETE /v1/drain               puts it back
//
// Every answer but an error of HTTP itself is a Status.
package management
