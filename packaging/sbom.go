package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// The parts of an SPDX 2.3 document that are used here (https://spdx.github.io/spdx-spec/v2.3/).
type (
	spdxDocument struct {
		Version       string         `json:"spdxVersion"`
		License       string         `json:"dataLicense"`
		ID            string         `json:"SPDXID"`
		Name          string         `json:"name"`
		Namespace     string         `json:"documentNamespace"`
		Creation      spdxCreation   `json:"creationInfo"`
		Packages      []spdxPackage  `json:"packages"`
		Relationships []spdxRelation `json:"relationships"`
	}
	spdxCreation struct {
		Created  string   `json:"created"`
		Creators []string `json:"creators"`
	}
	spdxPackage struct {
		ID       string          `json:"SPDXID"`
		Name     string          `json:"name"`
		Version  string          `json:"versionInfo"`
		Download string          `json:"downloadLocation"`
		Analyzed bool            `json:"filesAnalyzed"`
		Comment  string          `json:"comment,omitempty"`
		Refs     []spdxReference `json:"externalRefs,omitempty"`
	}
	spdxReference struct {
		Category string `json:"referenceCategory"`
		Type     string `json:"referenceType"`
		Locator  string `json:"referenceLocator"`
	}
	spdxRelation struct {
		From string `json:"spdxElementId"`
		Type string `json:"relationshipType"`
		To   string `json:"relatedSpdxElement"`
	}
)

// sbom writes the list of the modules that are in the program, as the program itself
// records them.
func (r *release) sbom(context.Context) error {
	info, err := buildinfo.ReadFile(r.binary(platforms[0]))
	if err != nil {
		return err
	}
	d := spdxDocument{
		Version: "SPDX-2.3", License: "CC0-1.0", ID: "SPDXRef-DOCUMENT", Name: "resetd-" + r.version,
		Creation: spdxCreation{r.at.Format(time.RFC3339), []string{"Tool: resetd packaging"}},
		Packages: []spdxPackage{
			{ID: "SPDXRef-resetd", Name: "resetd", Version: r.version, Download: "NOASSERTION"},
			{ID: "SPDXRef-go", Name: "go", Version: strings.TrimPrefix(info.GoVersion, "go"), Download: "NOASSERTION", Comment: "standard library", Refs: purl("pkg:golang/std@" + strings.TrimPrefix(info.GoVersion, "go"))},
		},
		Relationships: []spdxRelation{{"SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-resetd"}, {"SPDXRef-resetd", "CONTAINS", "SPDXRef-go"}},
	}
	for i, m := range info.Deps {
		m = cmp.Or(m.Replace, m)
		id := fmt.Sprintf("SPDXRef-module-%d", i+1)
		d.Packages = append(d.Packages, spdxPackage{
			ID: id, Name: m.Path, Version: m.Version, Download: "https://proxy.golang.org/" + m.Path + "/@v/" + m.Version + ".zip", Comment: "go.sum " + m.Sum, Refs: purl("pkg:golang/" + m.Path + "@" + m.Version),
		})
		d.Relationships = append(d.Relationships, spdxRelation{"SPDXRef-resetd", "CONTAINS", id})
	}
	return r.writeSBOM(d)
}

// writeSBOM gives the document a namespace that depends on what it lists.
func (r *release) writeSBOM(d spdxDocument) error {
	listed, err := json.Marshal(d.Packages)
	if err != nil {
		return err
	}
	d.Namespace = fmt.Sprintf("https://example.org/spdx/resetd-%s-%x", r.version, sha256.Sum256(listed))
	text, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return err
	}
	return r.publish("resetd_"+r.version+".spdx.json", append(text, '\n'))
}

func purl(locator string) []spdxReference {
	return []spdxReference{{"PACKAGE-MANAGER", "purl", locator}}
}
