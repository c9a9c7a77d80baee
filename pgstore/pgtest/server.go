package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
)

// A Server is a PostgreSQL server with a database cluster of its own. Its
// methods must not be called concurrently.
type Server struct {
	dir      string // holds the cluster, the socket and the log
	postgres string
	args     []string
	account  account

	process *exec.Cmd     // nil while the server is down
	exited  chan struct{} // closed when process has ended
	warden  io.WriteCloser
}

// An Option changes how Start starts a server.
type Option func(*Server)

// Volatile lets the server forget what it holds when the machine crashes: it
// does not wait for the disk. A killed process loses nothing.
func Volatile() Option {
	return Setting("fsync", "off")
}

// Setting sets a parameter of the server's configuration.
func Setting(name, value string) Option {
	return func(s *Server) { s.args = append(s.args, "-c", name+"="+value) }
}

// Start makes a database cluster and starts a server on it, as the user postgres
// or nobody when this process is root's. Call Close when done; the server is
// also stopped and removed when this process ends in any way. An error is
// ErrNotInstalled where the machine has no PostgreSQL.
func Start(ctx context.Context, opts ...Option) (*Server, error) {
	initdb, postgres, err := binaries()
	if err != nil {
		return nil, err
	}
	as, err := serverAccount()
	if err != nil {
		return nil, fmt.Errorf("pgtest: %w", err)
	}
	dir, err := os.MkdirTemp("", "pgtest-") // short: paths of sockets are limited to about 100 bytes
	if err != nil {
		return nil, fmt.Errorf("pgtest: %w", err)
	}
	s := &Server{dir: dir, postgres: postgres, account: as}
	s.args = []string{"-D", s.cluster(), "-k", dir, "-c", "listen_addresses=", "-c", "max_connections=200"}
	for _, opt := range opts {
		opt(s)
	}
	if err := s.create(initdb); err != nil {
		return nil, errors.Join(fmt.Errorf("pgtest: %w", err), s.Close())
	}
	if err := s.Restart(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Server) cluster() string { return filepath.Join(s.dir, "data") }
func (s *Server) log() string     { return filepath.Join(s.dir, "log") }

// create sets the warden on the directory, and makes the cluster in it.
func (s *Server) create(initdb string) error {
	if err := s.setWarden(); err != nil {
		return err
	}
	if err := s.account.own(s.dir); err != nil {
		return err
	}
	cmd := s.account.command(initdb, "-D", s.cluster(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	cmd.Dir = s.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

// warden waits for the end of its input, whose lines are the IDs of the server's
// processes, then stops the last one and removes the directory. So nothing stays
// behind, however this process ends.
const warden = `
while read -r line; do pid=$line; done
if [ -n "$pid" ]; then
	kill -QUIT "$pid"
	for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$pid" || break; sleep 0.2; done
fi
rm -rf "$0"`

func (s *Server) setWarden() error {
	cmd := account{}.command("/bin/sh", "-c", warden, s.dir)
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	s.warden = in
	return nil
}

// DSN returns how to reach the server, also while it is down.
func (s *Server) DSN() string {
	return "host=" + s.dir + " user=postgres dbname=postgres"
}

// Restart starts the server that was stopped or killed, and returns when it
// answers. Its data are those that it had.
func (s *Server) Restart(ctx context.Context) error {
	if s.process != nil {
		return errors.New("pgtest: the server is up already")
	}
	for {
		if err := s.launch(); err != nil {
			return fmt.Errorf("pgtest: %w", err)
		}
		err := s.await(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			log, _ := os.ReadFile(s.log())
			return errors.Join(fmt.Errorf("pgtest: the server did not start: %w\n%s", err, log), s.Stop())
		}
		// Processes of the server that was killed may still hold its memory.
	}
}

func (s *Server) launch() error {
	log, err := os.OpenFile(s.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := s.account.command(s.postgres, s.args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.dir, log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	exited := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(exited)
	}()
	s.process, s.exited = cmd, exited
	_, err = fmt.Fprintln(s.warden, cmd.Process.Pid)
	return err
}

// await returns nil when the server answers, and an error when it has ended or
// ctx is done.
func (s *Server) await(ctx context.Context) error {
	for {
		conn, err := pgx.Connect(ctx, s.DSN())
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-s.exited:
			s.process = nil
			time.Sleep(50 * time.Millisecond)
			return fmt.Errorf("the process has ended; last, %w", err)
		case <-ctx.Done():
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Stop shuts the server down in good order: what is open is rolled back, and
// everything is written out.
func (s *Server) Stop() error { return s.end(sigFast) }

// StopImmediate makes every process of the server end at once: the next start
// recovers from the log, as after a crash.
func (s *Server) StopImmediate() error { return s.end(sigImmediate) }

// Kill kills the server's first process, as the kernel does that runs out of
// memory. The others follow it when they notice.
func (s *Server) Kill() error { return s.end(os.Kill) }

func (s *Server) end(signal os.Signal) error {
	if s.process == nil {
		return nil
	}
	if err := s.process.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("pgtest: %w", err)
	}
	<-s.exited
	s.process = nil
	_, err := fmt.Fprintln(s.warden) // the ID may be another process's soon
	return err
}

// Log returns what the server has logged.
func (s *Server) Log() string {
	log, err := os.ReadFile(s.log())
	if err != nil {
		return err.Error()
	}
	return string(bytes.TrimSpace(log))
}

// Close stops the server, at once, and removes its data.
func (s *Server) Close() error {
	err := s.StopImmediate()
	if s.warden != nil {
		err = errors.Join(err, s.warden.Close())
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}
