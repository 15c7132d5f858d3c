package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"resetd/internal/accounts"
	"resetd/internal/password"
	"resetd/internal/reset"
	"resetd/internal/store"
	"resetd/internal/users"
)

const (
	accountCount  = 300 // accounts of the clients
	probeCount    = 20
	firstPassword = "walrus-on-a-bicycle"
	// secretKey signs the links of a run.
	secretKey = "a2V5IHRoYXQgaXMga25vd24gdG8gdGhpcyBydW4gYWxvbmU="
)

// hashing has the lowest cost that the program allows, because hashing is not tested.
var hashing = password.Params{MemoryKiB: 7 * 1024, Passes: 5, Threads: 1}

// probe returns the address of an account that the clients do not use.
func probe(i int) string { return address(accountCount + i) }

func address(i int) string { return fmt.Sprintf("user%d@example.org", i) }

// environment returns the program's settings.
func environment(addr, database, mail string) map[string]string {
	return map[string]string{
		"RESETD_ADDR": addr, "RESETD_DATABASE_URL": database, "RESETD_MAIL_URL": mail, "RESETD_SECRET_KEY": secretKey,
		"RESETD_LIMIT_ADDRESS": "0", "RESETD_LIMIT_IP": "0", "RESETD_LIMIT_LINK": "0", "RESETD_LIMIT_SIGNIN": "0", "RESETD_LIMIT_SIGNIN_ACCOUNT": "0",
		"RESETD_HASH_MEMORY": strconv.Itoa(int(hashing.MemoryKiB / 1024)), "RESETD_HASH_PASSES": strconv.Itoa(int(hashing.Passes)),
	}
}

// fill creates tables, and accounts with the same password.
func fill(ctx context.Context, database string) error {
	directory, err := accounts.Load(accounts.Builtin)
	if err != nil {
		return err
	}
	s, err := store.Open(database, directory)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	if err := s.MigrateUp(ctx, true); err != nil {
		return err
	}
	hasher, err := password.NewHasher(password.Config{Params: hashing})
	if err != nil {
		return err
	}
	hash, err := hasher.Hash(ctx, password.ForReset, firstPassword)
	if err != nil {
		return err
	}
	all := make([]users.User, accountCount+probeCount)
	for i := range all {
		normal, err := reset.ParseAddress(address(i))
		if err != nil {
			return err
		}
		all[i] = users.New(normal, "Example User", hash, time.Now())
	}
	return s.AddUsers(ctx, all)
}
