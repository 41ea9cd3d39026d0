package otlptest

import (
	"fmt"

	common "go.opentelemetry.io/proto/otlp/common/v1"
)

// Text returns an attribute that is a text.
func Text(key, value string) *common.KeyValue {
	return &common.KeyValue{Key: key, Value: &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: value}}}
}

// Number returns an attribute that is an integer.
func Number(key string, value int64) *common.KeyValue {
	return &common.KeyValue{Key: key, Value: &common.AnyValue{Value: &common.AnyValue_IntValue{IntValue: value}}}
}

// names are attribute names of one generation of the conventions.
type names struct {
	system, statement, method, url, status, peer, port, response, destination, payload string
}

func attributeNames(legacy bool) names {
	if legacy {
		return names{
			"db.system", "db.statement", "http.method", "http.url", "http.status_code", "net.peer.name", "net.peer.port",
			"http.response_content_length", "messaging.destination", "messaging.message_payload_size_bytes",
		}
	}
	return names{
		"db.system.name", "db.query.text", "http.request.method", "url.full", "http.response.status_code", "server.address",
		"server.port", "http.response.body.size", "messaging.destination.name", "messaging.message.body.size",
	}
}

func server(n names) []*common.KeyValue {
	return []*common.KeyValue{
		Text(n.method, "POST"), Text("url.scheme", "https"), Text("url.path", "/orders"), Text("http.route", "/orders"),
		Number(n.status, 201), Text("client.address", "192.0.2.17"), Text("user_agent.original", "curl/8.17.0"),
		Text("network.protocol.version", "2"),
	}
}

func database(n names, i int) []*common.KeyValue {
	statements := []string{
		"SELECT id, customer, total FROM orders WHERE id = $1", "INSERT INTO items (order_id, sku, amount) VALUES ($1, $2, $3)",
		"UPDATE orders SET total = $1 WHERE id = $2", "DELETE FROM carts WHERE customer = $1", "select 1", "COMMIT",
	}
	return []*common.KeyValue{
		Text(n.system, "postgresql"), Text("db.namespace", "shop"), Text(n.statement, statements[i%len(statements)]),
		Text(n.peer, "orders-db.internal"), Number(n.port, 5432), Text("network.transport", "tcp"),
	}
}

func request(n names, i int) []*common.KeyValue {
	attributes := []*common.KeyValue{
		Text(n.method, "GET"), Text(n.url, fmt.Sprintf("http://service-%d:8080/api/items/%d?full=1", i%8, i%1000)),
		Number(n.status, 200), Text(n.peer, fmt.Sprintf("service-%d", i%8)), Number(n.port, 8080),
		Text("network.protocol.version", "1.1"),
	}
	if i%3 != 0 {
		attributes = append(attributes, Number(n.response, int64(i%7)*4_000))
	}
	return attributes
}

func message(n names, i int) []*common.KeyValue {
	return []*common.KeyValue{
		Text("messaging.system", "kafka"), Text(n.destination, "orders"), Number(n.payload, int64(i%5)*900),
		Text("messaging.operation.type", "send"), Text("messaging.client.id", "producer-1"),
		Number("messaging.kafka.message.offset", int64(i)),
	}
}
