package scan

import (
	"net"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/bindset/bindset/host"
)

// listenWith opens a socket with an option set.
func listenWith(t *testing.T, address string, set func(fd int) error) net.Listener {
	t.Helper()
	config := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error {
		var err error
		if failed := raw.Control(func(fd uintptr) { err = set(int(fd)) }); failed != nil {
			return failed
		}
		return err
	}}
	l, err := config.Listen(t.Context(), "tcp4", address)
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	return l
}

func TestReadTellsSocketsApartThatShareAnAddress(t *testing.T) {
	shared := func(fd int) error { return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1) }
	first := listenWith(t, "127.0.0.1:0", shared)
	second := listenWith(t, first.Addr().String(), shared)
	m, err := Read(t.Context())
	require.NoError(t, err)
	want := ours(host.TCP, second.Addr().(*net.TCPAddr).AddrPort())
	seen := 0
	for _, s := range m.Sockets {
		if s.String() == want.String() {
			require.Equal(t, want, s)
			seen++
		}
	}
	require.Equal(t, 2, seen)
}

func TestReadSeesTheInterfaceASocketIsTiedTo(t *testing.T) {
	l := listenWith(t, "0.0.0.0:0", func(fd int) error { return unix.BindToDevice(fd, "lo") })
	m, err := Read(t.Context())
	require.NoError(t, err)
	want := ours(host.TCP, l.Addr().(*net.TCPAddr).AddrPort())
	want.Interface = "lo"
	require.Contains(t, m.Sockets, want)
}

func TestSocketInodesAreReadFromDescriptors(t *testing.T) {
	for target, want := range map[string]uint32{
		"socket:[4711]": 4711, "socket:[": 0, "socket:[x]": 0, "socket:[99999999999]": 0, "pipe:[4711]": 0, "/dev/null": 0, "": 0,
	} {
		require.Equal(t, want, socketInode(target), target)
	}
}

func TestTheCommandLineCompletesANameThatTheKernelCut(t *testing.T) {
	for _, test := range []struct {
		comm string
		args []string
		want string
	}{
		{"sshd", []string{"/usr/sbin/sshd", "-D"}, "sshd"},
		{"systemd-resolve", []string{"/lib/systemd/systemd-resolved"}, "systemd-resolved"},
		{"fifteen-letters", nil, "fifteen-letters"},
		{"renamed-itself-", []string{"/usr/bin/other"}, "renamed-itself-"},
	} {
		require.Equal(t, test.want, wholeName(test.comm, test.args))
	}
}
