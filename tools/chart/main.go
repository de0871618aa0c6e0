// Command chart draws a chart, which standard input describes as JSON, on standard output as SVG:
//
//	chart <DESCRIPTION.json >CHART.svg
//
// It knows nothing of what it shows; test/benchreport does. It is a module of its own because nothing else needs what it draws with.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "chart:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	decoder := json.NewDecoder(in)
	decoder.DisallowUnknownFields()
	var c Chart
	if err := decoder.Decode(&c); err != nil {
		return err
	}
	if err := c.check(); err != nil {
		return err
	}
	picture, err := render(&c)
	if err != nil {
		return err
	}
	_, err = out.Write(picture)
	return err
}
