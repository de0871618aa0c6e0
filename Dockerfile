# The image holds one static binary.
# The same sources and Go version give the same binary.
ARG GO_VERSION=1.26

FROM golang:${GO_VERSION} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags="-s -w -buildid=" -o /out/twinway ./cmd/twinway
# The default directory of the store. A volume that is mounted there takes over
# its owner.
RUN mkdir -p /out/data

FROM scratch
COPY --from=build /out/twinway /twinway
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
ENTRYPOINT ["/twinway"]
CMD ["help"]
