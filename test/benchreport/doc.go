// Command benchreport makes the figures and charts of docs/performance: it runs a real gateway and "twinway bench" beside it, part by part,
// and puts together what came of them.
//
//	benchreport [flags] [PART...]
//
//	settings   what is measured, with which programs, and where results and stores are
//	part       small, large, rates, growth, fanout, idle, storm, start: each a few steps
//	  step     one run of "twinway bench" on a store of some size; its report is a file of the results
//	  lab      does steps: stores, gateways, and the benchmark itself
//	results    what has been measured, read again from the files
//	  tables   the same as Markdown, on standard output
//	  charts   the same as pictures, drawn by tools/chart
//
// A step whose file exists is not done again, so that a report that was interrupted goes on where it was, and a part can be done anew
// alone. Progress goes to standard error.
//
// Invariants:
//
//   - A file of the results is whole: it gets its name when everything has been written.
//   - Every process that was started has ended when the command ends, and no other has been touched.
//   - Tables and charts are functions of the files and of nothing else.
package main
