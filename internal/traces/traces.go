// Package traces sends traces to a collector by OTLP over HTTP. It is off unless an
// address is set, and costs nothing then.
//
// A span has the name of a route, an operation or a stage, and never a path, an address or
// the text of a value: the path of a link is a secret. Instrumentation libraries record
// paths and IP addresses, so the spans are made here.
package traces

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// closeTimeout is how long Close waits for the collector.
const closeTimeout = time.Second

// Tracer makes spans. A nil Tracer makes none.
type Tracer struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
}

// Start returns a tracer that sends to a collector, such as http://127.0.0.1:4318. It does
// not connect. Without an address it returns nil.
func Start(collector, version string) (*Tracer, error) {
	if collector == "" {
		return nil, nil
	}
	exporter, err := otlptrace.New(context.Background(), &client{url: strings.TrimSuffix(collector, "/") + "/v1/traces"})
	if err != nil {
		return nil, fmt.Errorf("traces: %w", err)
	}
	about := resource.NewSchemaless(attribute.String("service.name", "resetd"), attribute.String("service.version", version))
	return newTracer(sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithResource(about), sdk.WithSampler(sdk.ParentBased(sdk.AlwaysSample())))), nil
}

func newTracer(p *sdk.TracerProvider) *Tracer { return &Tracer{p, p.Tracer("resetd")} }

// Report calls f with errors of the export, which are otherwise printed.
func Report(f func(error)) { otel.SetErrorHandler(otel.ErrorHandlerFunc(f)) }

// Close sends the spans that are left.
func (t *Tracer) Close() {
	if t != nil {
		ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
		defer cancel()
		_ = t.provider.Shutdown(ctx)
	}
}

// Span begins a span. The function that it returns ends it. The error's text may contain
// an address, so only the fact is recorded.
func (t *Tracer) Span(ctx context.Context, name string, attributes ...attribute.KeyValue) (context.Context, func(error)) {
	if t == nil {
		return ctx, func(error) {}
	}
	ctx, span := t.tracer.Start(ctx, name, trace.WithAttributes(attributes...)) //nolint:spancheck // the returned function ends it
	return ctx, func(err error) {                                               //nolint:spancheck // as above
		if err != nil {
			span.SetStatus(codes.Error, "failed")
		}
		span.End()
	}
}

// Serve returns a handler with a span for each request. It continues the trace of a proxy
// (W3C Trace Context).
func (t *Tracer) Serve(next http.Handler) http.Handler {
	if t == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		ctx, span := t.tracer.Start(ctx, "request", trace.WithSpanKind(trace.SpanKindServer))
		defer span.End()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// Answered gives the span of a request its route and status.
func Answered(ctx context.Context, method, route string, status int) {
	span := trace.SpanFromContext(ctx)
	if !span.IsRecording() {
		return
	}
	span.SetName(method + " " + route)
	span.SetAttributes(attribute.String("http.request.method", method), attribute.String("http.route", route), attribute.Int("http.response.status_code", status))
	if status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, "failed")
	}
}

// ID returns the id of the trace, for the log; empty if there is none.
func ID(ctx context.Context) string {
	if c := trace.SpanContextFromContext(ctx); c.HasTraceID() {
		return c.TraceID().String()
	}
	return ""
}

// Active reports whether a context belongs to a trace that is recorded.
func Active(ctx context.Context) bool { return trace.SpanFromContext(ctx).IsRecording() }

// Text is an attribute of a span.
func Text(name, value string) attribute.KeyValue { return attribute.String(name, value) }

// Log returns a handler that adds the id of the trace to each line that has one.
func Log(h slog.Handler) slog.Handler { return logHandler{h} }

type logHandler struct{ slog.Handler }

// Handle implements slog.Handler.
func (h logHandler) Handle(ctx context.Context, r slog.Record) error {
	if id := ID(ctx); id != "" {
		r.AddAttrs(slog.String("trace_id", id))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h logHandler) WithAttrs(all []slog.Attr) slog.Handler {
	return logHandler{h.Handler.WithAttrs(all)}
}

// WithGroup implements slog.Handler.
func (h logHandler) WithGroup(name string) slog.Handler {
	return logHandler{h.Handler.WithGroup(name)}
}
