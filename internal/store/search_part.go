package store

import (
	"context"

	"resetd/internal/history"
)

func (s search) byPart(ctx context.Context, after history.Position, n int) ([]history.Position, error) {
	return s.walk(ctx, after, n)
}
