package otlptest

import (
	"context"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protowire"
)

// Client sends requests over gRPC that are encoded already, so that hardly any
// of the time is the sender's. It is for many goroutines.
type Client struct{ conn *grpc.ClientConn }

// Dial returns a client of a server at an address. Nothing is connected before
// the first request.
func Dial(address string) (*Client, error) {
	conn, err := grpc.NewClient("passthrough:"+address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, fmt.Errorf("client of %s: %w", address, err)
	}
	return &Client{conn}, nil
}

// Close ends the connection.
func (c *Client) Close() error { return c.conn.Close() }

// Send sends one request and returns what of it was rejected.
func (c *Client) Send(ctx context.Context, request []byte, options ...grpc.CallOption) (Reply, error) {
	const method = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
	var reply []byte
	options = append(options, grpc.ForceCodecV2(rawCodec{}))
	if err := c.conn.Invoke(ctx, method, request, &reply, options...); err != nil {
		return Reply{}, err
	}
	return ParseReply(reply)
}

// WithToken returns a context whose requests carry a bearer token.
func WithToken(ctx context.Context, token string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
}

// Reply is the partial success of a response.
type Reply struct {
	Rejected int64
	Message  string
}

// ParseReply reads an ExportTraceServiceResponse in protobuf.
func ParseReply(data []byte) (Reply, error) {
	if len(data) == 0 {
		return Reply{}, nil
	}
	partial, err := field(data, 1, protowire.BytesType)
	if err != nil {
		return Reply{}, err
	}
	message, n := protowire.ConsumeBytes(partial)
	if n < 0 {
		return Reply{}, protowire.ParseError(n)
	}
	var reply Reply
	if number, err := field(message, 1, protowire.VarintType); err == nil {
		value, _ := protowire.ConsumeVarint(number)
		reply.Rejected = int64(value)
	}
	if text, err := field(message, 2, protowire.BytesType); err == nil {
		reply.Message, _ = protowire.ConsumeString(text)
	}
	return reply, nil
}

// field returns the value of a field, and what follows it.
func field(data []byte, number protowire.Number, kind protowire.Type) ([]byte, error) {
	for len(data) > 0 {
		got, gotKind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		data = data[n:]
		if got == number && gotKind == kind {
			return data, nil
		}
		if n = protowire.ConsumeFieldValue(got, gotKind, data); n < 0 {
			return nil, protowire.ParseError(n)
		}
		data = data[n:]
	}
	return nil, fmt.Errorf("no field %d", number)
}

// rawCodec passes bytes through.
type rawCodec struct{}

// Name returns the name of the encoding on the wire.
func (rawCodec) Name() string { return "proto" }

// Marshal passes a request on.
func (rawCodec) Marshal(v any) (mem.BufferSlice, error) {
	data, ok := v.([]byte)
	if !ok {
		return nil, fmt.Errorf("cannot send %T", v)
	}
	return mem.BufferSlice{mem.SliceBuffer(data)}, nil
}

// Unmarshal copies a response.
func (rawCodec) Unmarshal(data mem.BufferSlice, v any) error {
	into, ok := v.(*[]byte)
	if !ok {
		return fmt.Errorf("cannot receive %T", v)
	}
	*into = data.Materialize()
	return nil
}

// Stall begins a request over gRPC and sends nothing of it, runs meanwhile, and
// returns how the server ended the request.
func Stall(address string, meanwhile func()) error {
	conn, err := grpc.NewClient("passthrough:"+address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer conn.Close()
	stream, err := conn.NewStream(context.Background(), &grpc.StreamDesc{ClientStreams: true},
		"/opentelemetry.proto.collector.trace.v1.TraceService/Export", grpc.ForceCodecV2(rawCodec{}))
	if err != nil {
		return err
	}
	meanwhile()
	var reply []byte
	return stream.RecvMsg(&reply)
}
