// Package mqtttest has what tests need of the broker that runs within them, mochi, so that it does not stand still for good.
package mqtttest
