package limit

import (
	"context"
	"fmt"
	"slices"
)

// Name names a limit where a route declares it.
type Name string

// The limits that a route can declare.
const (
	Free       Name = "free"      // a page that costs nothing and reveals nothing
	SignedIn   Name = "signed in" // a page for people whose sign-in was limited
	Shielded   Name = "shield"    // only the limit inside the process
	PerIP      Name = "IP address"
	PerAddress Name = "address"
	PerLink    Name = "link"
	PerSignIn  Name = "sign-in"
)

type declaredKey struct{}

// Declare returns a context for a route that declares limits. Only these can be
// charged with it, so a declaration can't be wrong without a failing request.
func Declare(ctx context.Context, names ...Name) context.Context {
	return context.WithValue(ctx, declaredKey{}, names)
}

// requireDeclared returns an error unless the context's route declares all of the limits.
func requireDeclared(ctx context.Context, names ...Name) error {
	all, _ := ctx.Value(declaredKey{}).([]Name)
	for _, name := range names {
		if !slices.Contains(all, name) {
			return fmt.Errorf("limit: the route does not declare its limit per %s", name)
		}
	}
	return nil
}
