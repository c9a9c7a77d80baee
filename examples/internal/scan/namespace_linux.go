package scan

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// initialNamespace is the cookie of the network namespace that a machine starts
// with.
const initialNamespace = 1

// networkNamespace says which network namespace of the machine this process is
// in: "" for the one the machine starts with, and where it cannot be known. A name
// that "ip netns" gave it lasts; any other is as good as new when it is made again.
func networkNamespace() string {
	inode, err := os.Readlink("/proc/thread-self/ns/net") // "net:[4026531840]"
	if err != nil {
		return ""
	}
	cookie, err := namespaceCookie()
	if err != nil { // before Linux 5.14
		if first, err := os.Readlink("/proc/1/ns/net"); err != nil || first == inode {
			return ""
		}
	} else if cookie == initialNamespace {
		return ""
	}
	if name := namespaceName(inode); name != "" {
		return name
	}
	boot, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(boot)) + " " + inode + " " + strconv.FormatUint(cookie, 10)
}

// namespaceCookie returns a number that no other network namespace has until the
// machine restarts.
func namespaceCookie() (uint64, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	return unix.GetsockoptUint64(fd, unix.SOL_SOCKET, unix.SO_NETNS_COOKIE)
}

// namespaceName returns the name that "ip netns" gave a namespace, "" for none.
func namespaceName(inode string) string {
	files, _ := filepath.Glob("/run/netns/*")
	for _, file := range files {
		var s unix.Stat_t
		if unix.Stat(file, &s) == nil && inode == "net:["+strconv.FormatUint(s.Ino, 10)+"]" {
			return filepath.Base(file)
		}
	}
	return ""
}
