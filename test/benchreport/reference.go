package main

import "github.com/twinway/twinway/internal/bench"

// source is where the figures of the reference come from.
const source = "published by the Eclipse Ditto project for version 3.3.5, 16-vCPU nodes"

// published is what the reference's benchmark says of something that is measured here, too: operations in a second.
type published struct {
	// what was measured, and how by the reference where it differs.
	what, theirs string
	// scenario and over are what comes closest to it here.
	scenario, over string
	// one is for one instance of each service, best the highest of the scaling table.
	one, best float64
}

// reference is the benchmark of the reference: a million things, a hundred thousand of them in memory.
var reference = []published{
	{"read by id", "HTTP", read, bench.HTTP, 2800, 8400},
	{"search by id", "HTTP", searchID, bench.HTTP, 1700, 4900},
	{"modify a property", "Kafka in, HTTP push out, acknowledged", modify, bench.WebSocket, 800, 3200},
	{"message and answer", "HTTP in, HTTP push out", live, bench.HTTP, 600, 3000},
}
