package controllers

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-logr/logr"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

// metricsAccess lets those read metrics whom the API server knows by their token
// and allows to get the path. Two questions for each scrape are few enough to ask
// them each time, so that a right that is taken away is gone at once.
//
// controller-runtime has such a filter, too. It brings the library of API servers
// with it, a third of the binary, which every gateway would carry.
type metricsAccess struct {
	client client.Client
}

const (
	// metricsQuestions is how long both questions may take.
	metricsQuestions = 10 * time.Second
	// maxToken bounds what is asked about, in bytes.
	maxToken = 16 << 10
)

// newMetricsAccess is a metricsserver.Options.FilterProvider.
func newMetricsAccess(c *rest.Config, http *http.Client) (metricsserver.Filter, error) {
	scheme := runtime.NewScheme()
	builder := runtime.NewSchemeBuilder(authenticationv1.AddToScheme, authorizationv1.AddToScheme)
	if err := builder.AddToScheme(scheme); err != nil {
		return nil, fmt.Errorf("scheme: %w", err)
	}
	asking, err := client.New(c, client.Options{Scheme: scheme, HTTPClient: http})
	if err != nil {
		return nil, fmt.Errorf("client for access to metrics: %w", err)
	}
	return metricsAccess{asking}.filter, nil
}

func (a metricsAccess) filter(log logr.Logger, handler http.Handler) (http.Handler, error) {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), metricsQuestions)
		defer cancel()
		status, err := a.decide(ctx, r)
		if err != nil {
			log.Error(err, "access to metrics cannot be decided")
		}
		if status != http.StatusOK {
			http.Error(w, http.StatusText(status), status)
			return
		}
		handler.ServeHTTP(w, r)
	}), nil
}

// decide returns the HTTP status for a request: 200 if it may pass.
func (a metricsAccess) decide(ctx context.Context, r *http.Request) (int, error) {
	token, ok := bearer(r)
	if !ok {
		return http.StatusUnauthorized, nil
	}
	review := &authenticationv1.TokenReview{Spec: authenticationv1.TokenReviewSpec{Token: token}}
	if err := a.client.Create(ctx, review); err != nil {
		return http.StatusInternalServerError, fmt.Errorf("review token: %w", err)
	}
	if !review.Status.Authenticated {
		return http.StatusUnauthorized, nil
	}
	access := accessOf(review.Status.User, r)
	if err := a.client.Create(ctx, access); err != nil {
		return http.StatusInternalServerError, fmt.Errorf("review access: %w", err)
	}
	if !access.Status.Allowed || access.Status.Denied {
		return http.StatusForbidden, nil
	}
	return http.StatusOK, nil
}

// accessOf asks whether a user may do what a request does.
func accessOf(user authenticationv1.UserInfo, r *http.Request) *authorizationv1.SubjectAccessReview {
	extra := make(map[string]authorizationv1.ExtraValue, len(user.Extra))
	for key, values := range user.Extra {
		extra[key] = authorizationv1.ExtraValue(values)
	}
	return &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User: user.Username, UID: user.UID, Groups: user.Groups, Extra: extra,
		NonResourceAttributes: &authorizationv1.NonResourceAttributes{Path: r.URL.Path, Verb: strings.ToLower(r.Method)},
	}}
}

// bearer returns the token of a request.
func bearer(r *http.Request) (string, bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	return token, strings.EqualFold(scheme, "bearer") && token != "" && len(token) <= maxToken
}
