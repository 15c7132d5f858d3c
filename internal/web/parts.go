package web

import (
	"bytes"
	"net/http"

	"github.com/gin-gonic/gin"
)

// Parts is a page that is sent in parts, because a part of it takes longer to make.
type Parts struct {
	page bytes.Buffer // what has not been sent yet
	c    *gin.Context
}

// NewParts returns a page of which nothing has been sent.
func NewParts(c *gin.Context) *Parts { return &Parts{c: c} }

// Send sends the page up to where its template has got. A view calls it before it makes a
// part that takes longer. That part can't fail any more: it can only
// state that it is missing.
func (p *Parts) Send() {
	p.write()
	if w, ok := p.c.Writer.(interface{ Unwrap() http.ResponseWriter }); ok { // Gin's own Flush expects a Flusher, which a session's writer is not
		_ = http.NewResponseController(w.Unwrap()).Flush()
	}
}

func (p *Parts) write() {
	if !p.c.Writer.Written() {
		p.c.Header("Content-Type", "text/html; charset=utf-8")
	}
	_, _ = p.page.WriteTo(p.c.Writer) // an error means that the client is gone
}

// HTML renders the page and sends its last part. If rendering fails before the first part
// is sent, it sends nothing of the page.
func (p *Parts) HTML(r *Renderer, name string, view any) error {
	if err := r.write(&p.page, name, view); err != nil {
		return err
	}
	p.write()
	return nil
}
