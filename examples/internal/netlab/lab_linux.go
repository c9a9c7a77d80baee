package netlab

import (
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vishvananda/netlink"
)

// Variables of the environment that say what a test binary is to be.
const (
	ownerOf = "BINDSET_NETLAB_TEST"    // the test that runs in a network of its own
	sockets = "BINDSET_NETLAB_SOCKETS" // what a started process opens
)

// Main runs the tests of a package, or what [Start] started. It returns the exit
// code.
func Main(m *testing.M) int {
	if open := os.Getenv(sockets); open != "" {
		return listen(open)
	}
	return m.Run()
}

// Own reports whether the test runs in a network of its own, where the loopback
// interface is up and the host name is its own, too. Where it does not, it runs the
// test again in one, as another process. That takes root, or user namespaces; where
// there is neither the test is skipped, but not in CI.
func Own(t *testing.T) bool {
	t.Helper()
	if os.Getenv(ownerOf) == t.Name() {
		up(t, "lo")
		return true
	}
	again := exec.CommandContext(t.Context(), os.Args[0], "-test.run="+only(t.Name()), "-test.count=1")
	again.Env = append(os.Environ(), ownerOf+"="+t.Name())
	again.SysProcAttr = isolated(syscall.CLONE_NEWNET | syscall.CLONE_NEWUTS)
	out, err := again.CombinedOutput()
	if again.Process == nil && os.Getenv("CI") != "true" {
		t.Skipf("a network of its own needs root or user namespaces: %v", err)
	}
	require.NoError(t, err, "%s", out)
	return false
}

// only returns the pattern of one test, or one subtest.
func only(name string) string {
	parts := strings.Split(name, "/")
	for i := range parts {
		parts[i] = "^" + regexp.QuoteMeta(parts[i]) + "$"
	}
	return strings.Join(parts, "/")
}

// isolated says how to start a process in namespaces of its own.
func isolated(flags uintptr) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Cloneflags: flags}
	if flags != 0 && os.Geteuid() != 0 {
		attr.Cloneflags |= syscall.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
	}
	return attr
}

// Veth makes two interfaces that are the ends of one cable. They have no address
// yet, not even a link-local one.
func Veth(t testing.TB, one, other string) {
	t.Helper()
	attrs := netlink.NewLinkAttrs()
	attrs.Name = one
	require.NoError(t, netlink.LinkAdd(&netlink.Veth{LinkAttrs: attrs, PeerName: other}))
	for _, name := range []string{one, other} {
		require.NoError(t, os.WriteFile("/proc/sys/net/ipv6/conf/"+name+"/addr_gen_mode", []byte("1"), 0))
		up(t, name)
	}
}

// Vxlan makes a tunnel of which the kernel itself holds the UDP socket.
func Vxlan(t testing.TB, name string, port int) {
	t.Helper()
	attrs := netlink.NewLinkAttrs()
	attrs.Name = name
	if err := netlink.LinkAdd(&netlink.Vxlan{LinkAttrs: attrs, VxlanId: 1, Port: port}); err != nil {
		t.Skipf("this kernel has no VXLAN: %v", err)
	}
	up(t, name)
}

// Remove removes an interface, and the other end of its cable.
func Remove(t testing.TB, name string) {
	t.Helper()
	require.NoError(t, netlink.LinkDel(link(t, name)))
}

// Rename gives an interface another name.
func Rename(t testing.TB, name, to string) {
	t.Helper()
	l := link(t, name)
	require.NoError(t, netlink.LinkSetDown(l))
	require.NoError(t, netlink.LinkSetName(l, to))
	require.NoError(t, netlink.LinkSetUp(l))
}

// Address gives an interface an address, such as "192.0.2.5/24". An IPv6 address
// can be used at once.
func Address(t testing.TB, name, prefix string) {
	t.Helper()
	a, err := netlink.ParseAddr(prefix)
	require.NoError(t, err)
	a.Flags = syscall.IFA_F_NODAD
	require.NoError(t, netlink.AddrAdd(link(t, name), a))
}

func up(t testing.TB, name string) {
	t.Helper()
	require.NoError(t, netlink.LinkSetUp(link(t, name)))
}

func link(t testing.TB, name string) netlink.Link {
	t.Helper()
	l, err := netlink.LinkByName(name)
	require.NoError(t, err)
	return l
}

// index returns the number of an interface, 0 for none.
func index(name string) (int, error) {
	if name == "" {
		return 0, nil
	}
	f, err := net.InterfaceByName(name)
	if err != nil {
		return 0, err
	}
	return f.Index, nil
}
