//go:build ignore

// Makeblocklist packs a JSON array of passwords. Package password runs it with go
// generate.
package main

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"log"
	"os"
	"slices"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: go run makeblocklist.go passwords.json blocklist.txt.gz")
	}
	source, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	var passwords []string
	if err := json.Unmarshal(source, &passwords); err != nil {
		return err
	}
	out, err := os.Create(args[1])
	if err != nil {
		return err
	}
	return errors.Join(pack(out, sorted(passwords)), out.Close())
}

// sorted folds the passwords in the same way as the look-up.
func sorted(passwords []string) []string {
	fold := cases.Fold()
	for i, p := range passwords {
		passwords[i] = norm.NFKC.String(fold.String(norm.NFKC.String(p)))
	}
	slices.Sort(passwords)
	return slices.Compact(passwords)
}

func pack(w io.Writer, lines []string) error {
	gz, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(gz, strings.Join(lines, "\n")+"\n"); err != nil {
		return err
	}
	return gz.Close()
}
