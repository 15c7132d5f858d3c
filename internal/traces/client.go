package traces

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

const exportTimeout = 10 * time.Second

// client sends spans by OTLP over HTTP (https://opentelemetry.io/docs/specs/otlp/#otlphttp).
// The library's own client brings gRPC along, which would make the program 2 MB larger.
// Spans that can't be sent are lost.
type client struct {
	url  string
	http http.Client
}

// Start implements otlptrace.Client.
func (*client) Start(context.Context) error { return nil }

// Stop implements otlptrace.Client.
func (*client) Stop(context.Context) error { return nil }

// UploadTraces implements otlptrace.Client. TracesData has the same encoding as the
// request of the service.
func (c *client) UploadTraces(ctx context.Context, spans []*tracepb.ResourceSpans) error {
	body, err := proto.Marshal(&tracepb.TracesData{ResourceSpans: spans})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, exportTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	res, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<16)) // keeps the connection
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("the collector answers with status %d", res.StatusCode)
	}
	return nil
}
