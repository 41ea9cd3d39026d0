package otlp

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	_ "google.golang.org/grpc/encoding/gzip" // senders compress with it
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/tap"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/dendro-carbon/dendro/internal/classify"
)

// Bounds of the gRPC server. A connection may have streams requests under way,
// of which those that wait for their turn hold at most unread bytes each.
const (
	streams   = 32
	unread    = 64 << 10
	idleAfter = 10 * time.Minute
	pingAfter = 10 * time.Second // senders may ask this often whether we live
)

// newGRPC returns the gRPC server. The one method is registered as a stream,
// which looks the same on the wire, because the handler of a stream reads its
// request itself: not before it is its turn, and into memory that is used again.
func (s *Server) newGRPC() *grpc.Server {
	server := grpc.NewServer(
		grpc.ForceServerCodecV2(codec{}),
		grpc.MaxRecvMsgSize(s.config.MaxRequest),
		grpc.MaxHeaderListSize(maxHeader),
		grpc.MaxConcurrentStreams(streams),
		grpc.InitialWindowSize(unread),
		grpc.NumStreamWorkers(uint32(2*runtime.GOMAXPROCS(0))),
		grpc.ConnectionTimeout(headerTimeout),
		grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionIdle: idleAfter}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: pingAfter, PermitWithoutStream: true}),
		grpc.InTapHandle(s.limitTime),
		grpc.WaitForHandlers(true),
	)
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "opentelemetry.proto.collector.trace.v1.TraceService",
		HandlerType: (*any)(nil),
		Streams: []grpc.StreamDesc{{
			StreamName: "Export",
			Handler:    func(_ any, stream grpc.ServerStream) error { return s.export(stream) },
		}},
	}, nil)
	return server
}

// endKey is the context's key of the function that ends a request's time.
type endKey struct{}

// limitTime gives every request its time. It runs before the stream is made:
// only so does reading the request end with it.
func (s *Server) limitTime(ctx context.Context, _ *tap.Info) (context.Context, error) {
	ctx, end := context.WithTimeout(ctx, s.config.Timeout)
	return context.WithValue(ctx, endKey{}, end), nil
}

// export works on one request.
func (s *Server) export(stream grpc.ServerStream) error {
	s.counters.requests.Add(1)
	ctx := stream.Context()
	if end, ok := ctx.Value(endKey{}).(context.CancelFunc); ok {
		defer end()
	}
	if !s.allowed(bearer(ctx)) {
		return grpcError(&fault{kind: unauthorized, text: noToken})
	}
	done, f := s.turn(ctx)
	if f != nil {
		return grpcError(f)
	}
	defer done()
	var request payload
	if err := stream.RecvMsg(&request); err != nil {
		return s.unreadable(err)
	}
	defer request.buffer.Free()
	d := s.desks.Get().(*desk)
	defer s.leave(d)
	rejected, f := s.take(ctx, d, request.buffer.ReadOnlyData(), protobuf)
	if f != nil {
		return grpcError(f)
	}
	return stream.SendMsg(&rejected)
}

// unreadable counts a request that did not arrive whole. gRPC has said already
// what is wrong with it.
func (s *Server) unreadable(err error) error {
	switch status.Code(err) {
	case codes.ResourceExhausted:
		s.counters.tooLarge.Add(1)
	case codes.Internal, codes.Unimplemented:
		s.counters.malformed.Add(1)
	default:
		s.counters.failed.Add(1)
	}
	return err
}

// bearer returns the token of a request over gRPC.
func bearer(ctx context.Context) string {
	for _, value := range metadata.ValueFromIncomingContext(ctx, "authorization") {
		return value
	}
	return ""
}

const noToken = "no valid token: set the header Authorization: Bearer TOKEN"

// allowed decides on the value of an Authorization header.
func (s *Server) allowed(authorization string) bool {
	if s.config.Allow == nil {
		return true
	}
	scheme, token, _ := strings.Cut(authorization, " ")
	if strings.EqualFold(scheme, "Bearer") && s.config.Allow(token) {
		return true
	}
	s.counters.unauthorized.Add(1)
	return false
}

// grpcError returns a fault in the words of gRPC. Senders try again after
// RESOURCE_EXHAUSTED only if a RetryInfo tells them when.
func grpcError(f *fault) error {
	answer := status.New(f.code(), f.text)
	if f.kind == overloaded {
		detailed, err := answer.WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(f.after)})
		if err == nil {
			answer = detailed
		}
	}
	return answer.Err()
}

// payload is a request as it came.
type payload struct{ buffer mem.Buffer }

// codec hands requests over as bytes and writes responses.
type codec struct{}

// Name returns the name of the encoding on the wire.
func (codec) Name() string { return "proto" }

// Unmarshal keeps the bytes of a request, which the receiver frees.
func (codec) Unmarshal(data mem.BufferSlice, v any) error {
	into, ok := v.(*payload)
	if !ok {
		return fmt.Errorf("cannot read into %T", v)
	}
	into.buffer = data.MaterializeToBuffer(mem.DefaultBufferPool())
	return nil
}

// Marshal writes a response.
func (codec) Marshal(v any) (mem.BufferSlice, error) {
	rejected, ok := v.(*classify.Rejections)
	if !ok {
		return nil, fmt.Errorf("cannot write %T", v)
	}
	return mem.BufferSlice{mem.SliceBuffer(appendResponse(nil, *rejected))}, nil
}
