package mqtt

import (
	"math"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/mqtt/packet"
	"github.com/twinway/twinway/internal/snapshot"
)

// greeting returns what a client says of itself: who it is as the connection has it now.
func (k *kind) greeting(config link.Config) *packet.Connect {
	options := config.Connection.MQTT
	hello := &packet.Connect{
		ClientID: options.ClientID, KeepAlive: uint16(seconds(options.KeepAlive, math.MaxUint16)),
		CleanStart: k.cleanStart(options), Will: will(options.LastWill),
		SessionExpiry: seconds(options.SessionExpiry, math.MaxUint32), ReceiveMaximum: maxUnsettled, MaximumPacketSize: maxPacket,
	}
	if credentials := config.Current().Credentials; credentials != nil && credentials.Basic != nil {
		hello.Username, hello.Password = string(credentials.Basic.Username), string(credentials.Basic.Password)
	}
	return hello
}

// cleanStart reports whether the session that there is is to be forgotten: with MQTT 5 that from before the first client of this kind,
// as it is not said there with the same word that the session is not to be kept.
func (k *kind) cleanStart(o *snapshot.MQTT) bool {
	return o.CleanStart && !(keeps(o) && k.memory.hasSession())
}

func seconds(d time.Duration, most uint32) uint32 {
	return uint32(min(int64(d/time.Second), int64(most)))
}

func will(w *snapshot.LastWill) *packet.Will {
	if w == nil {
		return nil
	}
	return &packet.Will{Topic: w.Topic, Payload: []byte(w.Message), QoS: byte(w.QoS), Retain: w.Retain}
}
