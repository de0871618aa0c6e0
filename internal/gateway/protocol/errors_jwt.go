package protocol

// ErrJWTIssuerNotSupported refuses a token of an issuer that is not configured.
func ErrJWTIssuerNotSupported() *Error {
	return &Error{
		Status: 401, Code: "gateway:jwt.issuer.notsupported", Unaddressed: true,
		Message:     "Tokens of this issuer are not accepted.",
		Description: "Use a token of an issuer that is configured for this gateway.",
	}
}

// ErrJWTConditionFailed refuses a token that does not fulfil what is required of tokens of its issuer.
func ErrJWTConditionFailed() *Error {
	return &Error{
		Status: 401, Code: "gateway:jwt.condition.failed", Unaddressed: true,
		Message:     "The token does not fulfil the conditions for its issuer.",
		Description: "Use a token with the claims that this gateway requires.",
	}
}

// ErrPublicKeyProviderUnavailable says that a token cannot be verified because its issuer's keys cannot be fetched.
func ErrPublicKeyProviderUnavailable() *Error {
	return &Error{
		Status: 503, Code: "gateway:publickey.provider.unavailable", Unaddressed: true,
		Message:     "The keys of the token's issuer are not available at the moment.",
		Description: "Try again later.",
	}
}
