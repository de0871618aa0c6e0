// Package mqtttest has what tests need of the broker that runs within them.
package mqtttest
