package store

import (
	"context"
	"math"

	"resetd/internal/history"
)

const everyRow = math.MaxInt

func (s search) byPart(ctx context.Context, after history.Position, n int) ([]history.Position, error) {
	found, _, _, err := s.walk(ctx, after, n, everyRow)
	return found, err
}
