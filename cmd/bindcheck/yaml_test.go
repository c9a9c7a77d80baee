package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/stretchr/testify/require"
)

func TestYAMLIsCheckedByNames(t *testing.T) {
	out, errs := ran(t, hasViolations, nil, "testdata/office.yaml")
	golden(t, "office.txt", out)
	require.Empty(t, errs)
}

func TestYAMLProblemsExitWith2(t *testing.T) {
	text := "host: web-1\nports: [https]\nservises: {}\n"
	_, errs := ran(t, unreadable, strings.NewReader(text), "-")
	require.Equal(t, "bindcheck: standard input:2:9: "+
		`"https" is no port; write a number from 1 to 65535 and tcp, udp or sctp, such as "443/tcp"`+"\n"+
		`standard input:3:1: "servises" is none of host, interfaces, ports, services; correct or remove it`+"\n", errs)
}

func TestStrictRefusesJSONFieldsThatAreNotKnown(t *testing.T) {
	text := on(`[{"name": "a", "bindigs": []}]`)
	ran(t, allWell, strings.NewReader(text), "-")
	_, errs := ran(t, hasViolations, strings.NewReader(text), "-strict", "-json", "-")
	require.Empty(t, errs)
	out, _ := ran(t, hasViolations, strings.NewReader(text), "-strict", "-")
	require.Contains(t, out, "bindigs")
}

func TestSARIFPlacesViolationsAndDrops(t *testing.T) {
	out, errs := ran(t, unreadable, nil, "-sarif", "testdata/office.yaml", "testdata/gone.yaml")
	require.Empty(t, errs)
	log, err := sarif.FromString(out)
	require.NoError(t, err)
	require.Len(t, log.Runs, 1)
	type place struct {
		rule, level, file string
		line, column      int
	}
	var places []place
	for _, r := range log.Runs[0].Results {
		p := place{rule: *r.RuleID, level: r.Level, file: *r.Locations[0].PhysicalLocation.ArtifactLocation.URI}
		if region := r.Locations[0].PhysicalLocation.Region; region != nil {
			p.line, p.column = *region.StartLine, *region.StartColumn
		}
		require.NotEmpty(t, *r.Message.Text)
		places = append(places, p)
	}
	require.Equal(t, []place{
		{"V4", "note", "testdata/office.yaml", 9, 32},
		{"V5", "error", "testdata/office.yaml", 14, 9},
		{"V5", "error", "testdata/office.yaml", 15, 9},
		{"file", "error", "testdata/gone.yaml", 0, 0},
	}, places)
}

func TestEveryPathOfAJSONFileHasItsPlace(t *testing.T) {
	text := "{\"host\": {\"name\": \"é\", \"id\": 1},\n  \"services\": [ {},\n{\"bindings\" : [1, {\"type\":2}]}],\n \"host\": 3}"
	for path, want := range map[string]string{
		"": "1:1", "host": "1:10", "host.name": "1:19", "host.id": "1:30", "services": "2:15", "services[0]": "2:17",
		"services[1]": "3:1", "services[1].bindings": "3:15", "services[1].bindings[1].type": "3:27",
		"services[1].bindings[1].port_id": "3:19", "services[7].name": "2:15", "nowhere[0].x": "1:1",
	} {
		require.Equal(t, want, positionsInJSON([]byte(text), []string{path})[path].String(), path)
	}
	require.Len(t, positionsInJSON([]byte(`{"a":`), []string{"a.b"}), 1, "what breaks off has places, too")
}

func TestFlagsForTwoOutputsExclude(t *testing.T) {
	_, errs := ran(t, unreadable, nil, "-json", "-sarif", "testdata/host.json")
	require.Contains(t, errs, "choose one of -json and -sarif")
}

func FuzzCheckYAML(f *testing.F) {
	files, err := filepath.Glob("testdata/*.yaml")
	require.NoError(f, err)
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(data)
	}
	f.Add([]byte("a: &a [x]\nservices: *a"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file := filepath.Join(t.TempDir(), "x.yaml")
		require.NoError(t, os.WriteFile(file, data, 0o600))
		var out, errs bytes.Buffer
		code := run([]string{"-exclusive-ports", file}, nil, &out, &errs)
		require.Equal(t, code == unreadable, errs.Len() > 0)
		out.Reset()
		require.Equal(t, code, run([]string{"-exclusive-ports", "-json", file}, nil, &out, &errs), "both outputs say the same")
		var said jsonResult
		require.NoError(t, json.Unmarshal(out.Bytes(), &said))
		for _, s := range said.Services {
			for _, v := range s.Violations {
				require.Positive(t, v.Line, "every violation has a line")
			}
		}
	})
}
