package push

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
)

// plain returns what is wrong without what changes from one attempt to the next,
// such as ports and the time, or names an address: it goes into the status of
// objects.
func plain(err error) error {
	var invalid x509.CertificateInvalidError
	var network *net.OpError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return errors.New("no answer in time")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the pod has closed the connection")
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return errors.New("the certificate of the pod has expired or is not valid yet")
	case errors.As(err, &network):
		return networkError(network)
	default:
		return err
	}
}

func networkError(err *net.OpError) error {
	if err.Op == "remote error" { // An alert of TLS.
		return errors.New("the pod refuses the connection: " + err.Err.Error())
	}
	if _, lookup := errors.AsType[*net.DNSError](err); lookup {
		return errors.New("the address is not one")
	}
	return err.Err
}
