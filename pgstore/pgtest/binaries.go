package pgtest

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// ErrNotInstalled is in the error of [Start] where the machine has no
// PostgreSQL.
var ErrNotInstalled = errors.New("PostgreSQL is not installed")

// usualPlaces are where packages put the binaries that they keep off PATH.
var usualPlaces = []string{
	"/usr/lib/postgresql/*/bin",          // Debian
	"/usr/pgsql-*/bin",                   // Red Hat
	"/usr/local/pgsql*/bin",              // from source
	"/opt/homebrew/opt/postgresql@*/bin", // macOS
}

// binaries returns the paths of initdb and postgres: those on PATH, else the
// newest ones in the usual places.
func binaries() (initdb, postgres string, err error) {
	initdb, err = exec.LookPath("initdb")
	if err == nil {
		postgres, err = exec.LookPath("postgres")
	}
	if err == nil {
		return initdb, postgres, nil
	}
	for _, dir := range installed() {
		initdb, postgres = filepath.Join(dir, "initdb"), filepath.Join(dir, "postgres")
		if isProgram(initdb) && isProgram(postgres) {
			return initdb, postgres, nil
		}
	}
	return "", "", fmt.Errorf("pgtest: %w: found no initdb and postgres on PATH or in %s; "+
		"install the server (Debian: apt-get install postgresql), or set %s to the DSN of one for tests",
		ErrNotInstalled, strings.Join(usualPlaces, ", "), EnvDSN)
}

func isProgram(path string) bool {
	_, err := exec.LookPath(path)
	return err == nil
}

// installed returns the usual places that there are, newest version first.
func installed() []string {
	var dirs []string
	for _, pattern := range usualPlaces {
		found, _ := filepath.Glob(pattern)
		dirs = append(dirs, found...)
	}
	slices.SortStableFunc(dirs, func(a, b string) int { return majorVersion(b) - majorVersion(a) })
	return dirs
}

// majorVersion returns the version in the path of a bin directory, 0 where it
// says none.
func majorVersion(bin string) int {
	name := filepath.Base(filepath.Dir(bin))
	digits := strings.TrimLeftFunc(name, func(r rune) bool { return r < '0' || r > '9' })
	version, _ := strconv.Atoi(strings.SplitN(digits, ".", 2)[0])
	return version
}
