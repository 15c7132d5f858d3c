package reset_test

import (
	"testing"

	"github.com/google/uuid"

	"resetd/internal/reset"
)

// The parts of a request that do not need the database.
func BenchmarkParseAddress(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := reset.ParseAddress("Example.User@Accounts.example.org"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCanonical(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_ = reset.Canonical("Example.User@Accounts.example.org")
	}
}

func BenchmarkVerifyToken(b *testing.B) {
	k := keys(b, 0)
	token := k.Token(reset.PurposeResetLink, uuid.New()).Encode()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Verify(reset.PurposeResetLink, token); err != nil {
			b.Fatal(err)
		}
	}
}
