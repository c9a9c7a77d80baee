//go:build !unix

package pgtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
)

type account struct{}

func serverAccount() (account, error) {
	return account{}, fmt.Errorf("%w: servers can be started on Unix only; set %s to the DSN of one for tests", ErrNotInstalled, EnvDSN)
}

func (account) own(string) error { return errors.ErrUnsupported }

func (account) command(name string, args ...string) *exec.Cmd { return exec.Command(name, args...) }

var sigFast, sigImmediate = os.Kill, os.Kill
