package support

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/web"
)

// writeEvery is the time limit for sending one part of an export. The time of the
// whole export is not limited.
const writeEvery = 30 * time.Second

func (s *support) exportCSV(v visit) error {
	return s.export(v, "resets.csv", "text/csv; charset=utf-8", history.NewCSV)
}

func (s *support) exportJSON(v visit) error {
	return s.export(v, "resets.json", "application/x-ndjson", history.NewJSON)
}

// export streams a search of any size. It stops when the browser disconnects,
// because the request's context ends.
func (s *support) export(v visit, name, kind string, format func(io.Writer) history.Writer) error {
	q, broken := queryOf(v.Request)
	if err := s.may(v, staff.Exported, target(v, q, broken)); err != nil {
		return err
	}
	others, wrong := q.filter()
	readings, err := history.Readings(q.Text)
	from := s.Cursors.decode(v.Query("after"))
	if broken != nil || err != nil || len(wrong) > 0 || from == nil && v.Query("after") != "" {
		return web.ErrBadRequest // the page with the search shows what is wrong
	}
	_, search, _, err := history.Find(v.ctx(), s.History, readings, history.Search{Filter: others, Now: v.now, Time: history.MaxTime}, from)
	if err != nil {
		return err
	}
	out := format(v.Writer)
	return download(v, name, kind, out, func(ctx context.Context, alive func() error) error {
		return s.History.Each(ctx, search, func(r reset.Reset) error { return errors.Join(alive(), out.Write(r, v.now)) })
	})
}

// download sends a file of any size. write calls alive before each line that it writes to
// out. It gets a context without a time limit.
func download(v visit, name, kind string, out io.Closer, write func(ctx context.Context, alive func() error) error) error {
	v.Header("Content-Type", kind)
	v.Header("Content-Disposition", `attachment; filename="`+name+`"`)
	if v.Request.Method == http.MethodHead {
		return nil
	}
	control, n := http.NewResponseController(v.Writer), 0
	err := write(web.WithoutTimeout(v.ctx()), func() error {
		if n++; n%pageSize != 1 {
			return nil
		}
		return control.SetWriteDeadline(time.Now().Add(writeEvery))
	})
	if err == nil {
		err = out.Close() // not after an error: before the first byte, it gets a page
	}
	if err != nil {
		for _, name := range []string{"Content-Type", "Content-Disposition"} {
			v.Writer.Header().Del(name) // the error page sets its own
		}
	}
	if err != nil && v.Writer.Written() {
		// An incomplete export must not look complete, so the connection is aborted.
		panic(http.ErrAbortHandler)
	}
	return err
}
