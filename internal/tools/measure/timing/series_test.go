package timing

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"resetd/internal/tools/measure/wire"
)

// Each kind must follow itself as often as other kinds, because a request can delay the
// next one.
func TestOrderIsAShuffle(t *testing.T) {
	const kinds, n = 5, 4000
	o := order(kinds, n)
	counts, itself := make([]int, kinds), 0
	for i, k := range o {
		counts[k]++
		if i > 0 && o[i-1] == k {
			itself++
		}
	}
	if !slices.Equal(counts, []int{n, n, n, n, n}) {
		t.Errorf("got %v of each kind, want %d", counts, n)
	}
	if itself < n*9/10 || itself > n*11/10 { // 4000 expected, 57 is the standard deviation
		t.Errorf("a kind follows itself %d times, want about %d", itself, n)
	}
}

func TestRunRequestsEachAddressEquallyOften(t *testing.T) {
	asked := map[string]int{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked[r.PostFormValue("email")]++
		w.WriteHeader(http.StatusUnprocessableEntity)
	}))
	defer server.Close()
	w := &world{known: []string{"a@example.org", "b@example.org"}, unknown: []string{"c@example.org", "d@example.org"}}
	s := w.series(options{signIns: 6})[1]
	samples, err := s.run(t.Context(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	if len(samples) != 12 || fmt.Sprint(asked) != "map[a@example.org:3 b@example.org:3 c@example.org:3 d@example.org:3]" {
		t.Errorf("%d samples, requests %v", len(samples), asked)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := s.run(ended, server.URL); err == nil {
		t.Error("it continued after it was stopped")
	}
}

func TestPostRequiresEqualAnswers(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if email := r.PostFormValue("email"); email == "limited" {
			w.WriteHeader(http.StatusTooManyRequests)
		} else {
			_, _ = fmt.Fprint(w, email)
		}
	}))
	defer server.Close()
	for _, tt := range []struct {
		emails []string
		want   string
	}{
		{[]string{"aaa", "bbb", "ccc"}, ""},
		{[]string{"aaa", "limited"}, "status 429, want 200"},
		{[]string{"aaa", "bb"}, "an answer of 2 bytes after answers of 3"},
	} {
		c, err := wire.Dial(t.Context(), server.URL)
		if err != nil {
			t.Fatal(err)
		}
		for _, email := range tt.emails {
			_, err = c.Post("/", "", "email="+email, http.StatusOK)
		}
		_ = c.Close()
		if got := strings.TrimPrefix(fmt.Sprint(err), "<nil>"); got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.emails, got, tt.want)
		}
	}
}
