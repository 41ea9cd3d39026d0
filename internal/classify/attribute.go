package classify

import "strconv"

// Attribute names an attribute that says something about a span's cost.
type Attribute uint8

// The attributes. Where two names of the conventions mean the same, the legacy
// one comes second.
const (
	// Ignored is any attribute that says nothing here.
	Ignored Attribute = iota

	ServiceName
	CloudRegion
	DeploymentEnvironmentName
	DeploymentEnvironment // legacy of DeploymentEnvironmentName

	DBSystemName
	DBSystem // legacy of DBSystemName
	DBQueryText
	DBStatement // legacy of DBQueryText
	DBOperationName
	DBOperation // legacy of DBOperationName
	DBQuerySummary

	HTTPRequestMethod
	HTTPMethod // legacy of HTTPRequestMethod
	URLFull
	HTTPURL // legacy of URLFull
	HTTPResponseBodySize
	HTTPResponseContentLength // legacy of HTTPResponseBodySize
	ServerAddress
	NetPeerName // legacy of ServerAddress

	RPCSystemName
	RPCSystem // legacy of RPCSystemName

	MessagingSystem
	MessagingDestinationName
	MessagingDestination // legacy of MessagingDestinationName
	MessagingBodySize
	MessagingPayloadSize // legacy of MessagingBodySize, two spellings

	attributes // how many there are
)

// Find returns the attribute of a name, [Ignored] for all others. Names are
// compared as they are: the conventions write them in lower case.
func Find(name []byte) Attribute {
	switch string(name) {
	case "service.name":
		return ServiceName
	case "cloud.region":
		return CloudRegion
	case "deployment.environment.name":
		return DeploymentEnvironmentName
	case "deployment.environment":
		return DeploymentEnvironment
	case "db.system.name":
		return DBSystemName
	case "db.system":
		return DBSystem
	case "db.query.text":
		return DBQueryText
	case "db.statement":
		return DBStatement
	case "db.operation.name":
		return DBOperationName
	case "db.operation":
		return DBOperation
	case "db.query.summary":
		return DBQuerySummary
	case "http.request.method":
		return HTTPRequestMethod
	case "http.method":
		return HTTPMethod
	case "url.full":
		return URLFull
	case "http.url":
		return HTTPURL
	case "http.response.body.size":
		return HTTPResponseBodySize
	case "http.response_content_length":
		return HTTPResponseContentLength
	case "server.address":
		return ServerAddress
	case "net.peer.name":
		return NetPeerName
	case "rpc.system.name":
		return RPCSystemName
	case "rpc.system":
		return RPCSystem
	case "messaging.system":
		return MessagingSystem
	case "messaging.destination.name":
		return MessagingDestinationName
	case "messaging.destination":
		return MessagingDestination
	case "messaging.message.body.size":
		return MessagingBodySize
	case "messaging.message.payload_size_bytes", "messaging.message_payload_size_bytes":
		return MessagingPayloadSize
	}
	return Ignored
}

// Attributes are the attributes of one span or resource that matter. Texts
// alias the memory they were set from. If one is set twice, the last counts.
// The zero value has none. An Attributes is for one goroutine.
type Attributes struct {
	set     uint32 // a bit for each attribute that was set
	numeric uint32 // a bit for each that was set to a number
	text    [attributes][]byte
	number  [attributes]int64
}

// Reset forgets all attributes.
func (a *Attributes) Reset() { a.set, a.numeric = 0, 0 }

// SetText sets an attribute to a text. The caller leaves the text alone until
// the span has been made.
func (a *Attributes) SetText(at Attribute, text []byte) {
	if at >= attributes {
		return
	}
	a.text[at] = text
	a.set |= 1 << at
	a.numeric &^= 1 << at
}

// SetNumber sets an attribute to an integer.
func (a *Attributes) SetNumber(at Attribute, n int64) {
	if at >= attributes {
		return
	}
	a.number[at] = n
	a.set |= 1 << at
	a.numeric |= 1 << at
}

// Unset takes an attribute back.
func (a *Attributes) Unset(at Attribute) { a.set &^= 1 << at }

// has reports whether any of the attributes is set.
func (a *Attributes) has(these ...Attribute) bool {
	for _, at := range these {
		if a.set&(1<<at) != 0 {
			return true
		}
	}
	return false
}

// words returns the first text of an attribute and its legacy name that is not
// empty.
func (a *Attributes) words(current, legacy Attribute) []byte {
	if text := a.word(current); len(text) > 0 {
		return text
	}
	return a.word(legacy)
}

func (a *Attributes) word(at Attribute) []byte {
	if a.set&^a.numeric&(1<<at) == 0 {
		return nil
	}
	return a.text[at]
}

// size returns the bytes that an attribute, or else its legacy name, tells;
// unknown for a negative number and for what is no number. Some SDKs write
// numbers as text.
func (a *Attributes) size(current, legacy Attribute) (n int64, known bool) {
	at := current
	if a.set&(1<<at) == 0 {
		at = legacy
	}
	switch {
	case a.set&(1<<at) == 0:
		return 0, false
	case a.numeric&(1<<at) != 0:
		n = a.number[at]
	default:
		var err error
		if n, err = strconv.ParseInt(string(a.text[at]), 10, 64); err != nil {
			return 0, false
		}
	}
	return n, n >= 0
}
