package main

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"

	"resetd/internal/testkit"
	"resetd/internal/testkit/instance"
	"resetd/internal/testkit/loopback"
	"resetd/internal/testkit/mariadb"
	"resetd/internal/testkit/postgres"
	"resetd/internal/testkit/smtpsink"
)

// errNotDone: a part can't run on this machine. It is reported and is not a failure.
var errNotDone = errors.New("not done")

const (
	accountCount = 300 // accounts of the clients
	// secretKey signs the links of a run.
	secretKey = "a2V5IHRoYXQgaXMga25vd24gdG8gdGhpcyBydW4gYWxvbmU="
)

// claimsResolved is longer than a claim is held.
const claimsResolved = 20 * time.Second

// trial is the run of a part, from an empty database to the verdict.
type trial struct {
	options
	*load
	dir    string
	rng    *rand.Rand
	sink   *smtpsink.Sink
	binary string
	env    map[string]string
	// servers are the running instances: one, or two behind a proxy.
	servers []*process
	site    *site // nil if nothing is between the clients, the program and its servers

	cluster *postgres.Cluster // nil with SQLite
	db      *sqlx.DB          // reads the database without the program

	maria      *mariadb.Server // nil: the accounts are in the same database
	accountsDB *sqlx.DB
	own        map[string]bool // hashes that the application set itself
	old        map[string]bool // ids of claims that a kill left behind
	left       int             // kills that left a claim behind
	unknown    int             // resets with an unknown outcome

	mu      sync.Mutex
	faults  map[string]int // by kind
	settled time.Duration  // from the end of the requests until no email was due
}

// process is an instance of the program that can be started again.
type process struct {
	*instance.Instance
	start func(ctx context.Context) error
	clock string // file that moves its clock, see moveClock
}

// serve starts an instance at an address.
func (t *trial) serve(ctx context.Context, addr string) error {
	env := maps.Clone(t.env)
	env["RESETD_ADDR"] = addr
	p := &process{clock: filepath.Join(t.dir, "clock of "+addr)}
	env["RESETD_TEST_CLOCK"] = p.clock
	p.start = func(ctx context.Context) (err error) {
		p.Instance, err = t.site.launch(ctx, t.binary, env)
		return err
	}
	if err := p.start(ctx); err != nil {
		return err
	}
	t.servers = append(t.servers, p)
	return nil
}

// cause counts a fault.
func (t *trial) cause(kind string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.faults[kind]++
}

// try runs a part in a folder of its own, prints its figures, and returns how many
// promises were broken.
func try(ctx context.Context, o options, p part, dir string) (broken int, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return 0, err
	}
	t := &trial{options: o, dir: dir, rng: o.random(1000), binary: "bin/resetd", own: map[string]bool{}, old: map[string]bool{}, faults: map[string]int{}}
	defer t.close()
	if err := t.prepare(ctx, p); err != nil {
		return 0, err
	}
	c, err := t.run(ctx, func(ctx context.Context) error { return p.cause(t, ctx) })
	t.print(os.Stdout, c)
	for _, texts := range t.ledger.broken {
		broken += len(texts)
	}
	return broken, err
}

func (t *trial) close() {
	for _, p := range t.servers {
		p.Stop()
	}
	t.site.close()
	if t.sink != nil {
		t.sink.Close()
	}
	if t.db != nil {
		_ = t.db.Close()
	}
	if t.cluster != nil {
		_ = t.cluster.Close()
	}
	if t.maria != nil {
		t.maria.Close()
	}
	unmount(t.dir)
}

// prepare adds accounts to an empty database, and starts the mail server and the program.
func (t *trial) prepare(ctx context.Context, p part) error {
	if p.name == "full disk" {
		if err := mountSmall(ctx, t.dir); err != nil {
			return err
		}
	}
	addr, err := loopback.FreeAddr(ctx)
	if err != nil {
		return err
	}
	t.load = newLoad("http://" + addr)
	if t.sink, err = startSink(t.dir, t.random(2000), t.took); err != nil {
		return err
	}
	t.env = map[string]string{
		"RESETD_MAIL_URL": t.sink.URL(), "RESETD_SECRET_KEY": secretKey,
		"RESETD_LIMIT_ADDRESS": "0", "RESETD_LIMIT_IP": "0", "RESETD_LIMIT_LINK": "0", "RESETD_LIMIT_SIGNIN": "0", "RESETD_LIMIT_SIGNIN_ACCOUNT": "0",
		"RESETD_HASH_MEMORY": "7", "RESETD_HASH_PASSES": "5", // the lowest cost, because hashing is not tested
	}
	url := "sqlite:" + filepath.Join(t.dir, "chaos.db")
	if strings.HasPrefix(p.database, "PostgreSQL") {
		if t.cluster, err = postgres.Start(ctx, postgres.Options{Durable: true}); err != nil {
			return err
		}
		url = t.cluster.URL("postgres")
	}
	t.env["RESETD_DATABASE_URL"] = url
	s, err := testkit.Migrated(ctx, url)
	if err != nil {
		return err
	}
	_, err = testkit.AddUsers(ctx, s, accountCount)
	if err := errors.Join(err, s.Close()); err != nil {
		return err
	}
	if t.db, err = testkit.Connect(url); err != nil {
		return err
	}
	if strings.HasSuffix(p.database, withMariaDB) {
		if err := t.prepareMembers(ctx); err != nil {
			return err
		}
	}
	if p.name == day {
		t.binary = movable
		t.askers, t.visitors, t.pace = 25, 25, time.Tick(eachRequest)
		return t.openSite(ctx, addr)
	}
	return t.serve(ctx, addr)
}

// run runs clients during the faults, waits for the recovery, and judges.
func (t *trial) run(ctx context.Context, cause func(ctx context.Context) error) (c counts, err error) {
	t.start(ctx, t.options)
	err = cause(ctx)
	close(t.quiet)
	t.asking.Wait()
	t.sink.RemoveRules()
	if err == nil {
		err = t.settle(ctx)
	}
	if err == nil && t.twoDatabases { // claims that nobody looked at are resolved later
		wait(ctx, claimsResolved)
		err = t.settle(ctx)
	}
	close(t.done)
	t.using.Wait()
	t.pace = nil // for the judge
	if err == nil {
		c, err = t.judge(ctx)
	}
	return c, err
}
