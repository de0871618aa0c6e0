# The image holds one static binary, which is the operator (twinway operator) and
# the gateway (twinway gateway), and the certificate authorities that the public
# internet trusts, for OpenID Connect providers and outside systems.
#
# The same sources and Go version give the same binary. For the same image, name
# GO_IMAGE by its digest and build with
#
#   --build-arg SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) --output type=image,rewrite-timestamp=true
ARG GO_IMAGE=golang:1.26

FROM --platform=${BUILDPLATFORM} ${GO_IMAGE} AS build
# Set by the builder when it builds for several platforms.
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=unreleased
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 GOOS=${TARGETOS} GOARCH=${TARGETARCH} go build -trimpath -buildvcs=false -ldflags="-s -w -buildid= -X main.release=${VERSION}" -o /out/twinway ./cmd/twinway
# The default directory of the store. A volume that is mounted there takes over
# its owner.
RUN mkdir -p /out/data

FROM scratch
ARG VERSION=unreleased
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Twinway" \
      org.opencontainers.image.description="Gateway for digital twins that speaks the Eclipse Ditto protocol, and its operator" \
      org.opencontainers.image.source="https://github.com/twinway/twinway" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/twinway /twinway
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
ENTRYPOINT ["/twinway"]
CMD ["help"]
