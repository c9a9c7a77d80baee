// Package hostfile reads a host and its services as people write them, in YAML
// and by names, and knows at which line and column everything stands:
//
//	host: web-1
//	interfaces:
//	  eth0: [192.0.2.5, "2001:db8::5"]
//	  br0:
//	ports: [443/tcp, 22/tcp]      # optional: without it every port that is named exists
//	services:
//	  nginx:
//	    tags: [public]
//	    bindings: [443/tcp on all, 22/tcp on eth0]
//	  gateway:
//	    bindings: [at br0]
//
// Bindings are written as host.Inventory.Parse reads them. The file is read
// strictly: a key that is misspelt or stands twice, an anchor, and a number where
// a text belongs are problems. It makes no IDs up that change from run to run.
package hostfile
