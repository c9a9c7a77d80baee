package netlab

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// A Socket is one that a started process opens.
type Socket struct {
	Network   string // tcp4, tcp6, udp4, udp6, mptcp4 or mptcp6
	Local     string // such as "127.0.0.1:80" or "[fe80::1%eth0]:80"; "" for one that is not bound
	V6Only    bool   // an IPv6 socket takes no IPv4
	Interface string // it is tied to this one
	ReusePort bool   // others may have the same address and port, if they let others, too
	ReuseAddr bool   // of UDP: likewise
	FreeBind  bool   // the machine need not have the address
	Remote    string // of UDP: it sends something there
	Connect   bool   // of UDP: and only receives from there
}

// A Process is one that [Start] started.
type Process struct {
	PID  int
	stop func()
}

// Stop ends the process. It returns when its sockets are closed.
func (p *Process) Stop() { p.stop() }

// Start starts a process of any name that opens sockets and holds them until the
// end of the test.
func Start(t testing.TB, name string, open ...Socket) *Process {
	t.Helper()
	return start(t, 0, name, open)
}

// StartInside starts a process as Start does, in yet another network of its own, as
// a container has.
func StartInside(t testing.TB, name string, open ...Socket) *Process {
	t.Helper()
	return start(t, syscall.CLONE_NEWNET, name, open)
}

func start(t testing.TB, namespaces uintptr, name string, open []Socket) *Process {
	t.Helper()
	what, err := json.Marshal(open)
	require.NoError(t, err)
	process := exec.Command(os.Args[0])
	process.Args = []string{name}
	process.Env = append(os.Environ(), sockets+"="+string(what))
	process.Stderr = os.Stderr
	process.SysProcAttr = isolated(namespaces)
	until, err := process.StdinPipe()
	require.NoError(t, err)
	says, err := process.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, process.Start())
	stopped := false
	stop := func() {
		if !stopped {
			stopped = true
			until.Close()
			_ = process.Wait()
		}
	}
	t.Cleanup(stop)
	said, _ := bufio.NewReader(says).ReadString('\n')
	require.Equal(t, "ready\n", said, name)
	return &Process{PID: process.Process.Pid, stop: stop}
}

// listen is the process that Start starts. It ends with its standard input.
func listen(what string) int {
	var open []Socket
	err := json.Unmarshal([]byte(what), &open)
	if err == nil {
		err = os.WriteFile("/proc/self/comm", []byte(os.Args[0]), 0)
	}
	for _, s := range open {
		if err == nil {
			err = s.open()
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, os.Args[0]+":", err)
		return 1
	}
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}

// open opens the socket, which then stays open.
func (s Socket) open() error {
	family, kind, protocol := unix.AF_INET, unix.SOCK_STREAM, 0
	if strings.HasSuffix(s.Network, "6") {
		family = unix.AF_INET6
	}
	switch strings.TrimRight(s.Network, "46") {
	case "udp":
		kind = unix.SOCK_DGRAM
	case "mptcp":
		protocol = unix.IPPROTO_MPTCP
	}
	fd, err := unix.Socket(family, kind, protocol)
	if err != nil {
		return fmt.Errorf("%s: %w", s.Network, err)
	}
	if family == unix.AF_INET6 {
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, number(s.V6Only)); err != nil {
			return err
		}
	}
	for option, on := range map[[2]int]bool{
		{unix.SOL_SOCKET, unix.SO_REUSEPORT}: s.ReusePort,
		{unix.SOL_SOCKET, unix.SO_REUSEADDR}: s.ReuseAddr,
		{unix.IPPROTO_IP, unix.IP_FREEBIND}:  s.FreeBind,
	} {
		if on {
			if err := unix.SetsockoptInt(fd, option[0], option[1], 1); err != nil {
				return err
			}
		}
	}
	if s.Interface != "" {
		if err := unix.BindToDevice(fd, s.Interface); err != nil {
			return err
		}
	}
	if s.Local != "" {
		at, err := address(family, s.Local)
		if err != nil {
			return err
		}
		if err := unix.Bind(fd, at); err != nil {
			return fmt.Errorf("%s: %w", s.Local, err)
		}
	}
	if kind == unix.SOCK_STREAM {
		return unix.Listen(fd, 16)
	}
	return s.send(fd, family)
}

// send sends something to the remote address, where there is one.
func (s Socket) send(fd, family int) error {
	if s.Remote == "" {
		return nil
	}
	to, err := address(family, s.Remote)
	if err != nil {
		return err
	}
	if s.Connect {
		return unix.Connect(fd, to)
	}
	return unix.Sendto(fd, []byte("x"), 0, to)
}

func address(family int, text string) (unix.Sockaddr, error) {
	at, err := netip.ParseAddrPort(text)
	if err != nil {
		return nil, err
	}
	if family == unix.AF_INET {
		return &unix.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()}, nil
	}
	zone, err := index(at.Addr().Zone())
	return &unix.SockaddrInet6{Port: int(at.Port()), Addr: at.Addr().As16(), ZoneId: uint32(zone)}, err
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}
