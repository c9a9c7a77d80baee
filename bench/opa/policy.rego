# The rules for sets, for a host in data.host and bindings in input. What is asked
# for by a key is built once, by comprehensions: partial rules would be evaluated
# again for every key.
package bindset

# What each binding means: its port ("" for none), what its place is, and the
# place ("" for everywhere). One that names what the host does not have means
# nothing.
targets := {i: [b.port, kind, b.place] |
	some i, b in input
	data.host.ports[b.port]
	kind := data.host.kinds[b.scope][b.place]
}

# Where each target stands in the set. To put a key into an object again would
# cost as much as the object is large.
positions := {target: at |
	some target in {target | some target in targets}
	at := [i | targets[i] = target]
}

presences := {[kind, place] | some ["", kind, place], _ in positions}

carriers := {data.host.carrier[place] | some ["address", place] in presences}

conflict if {
	count(presences) > 0
	some [port, kind, place], _ in positions
	port != ""
	meets(kind, place)
}

meets("all", _)

meets(kind, place) if presences[[kind, place]]

meets("interface", place) if carriers[place]

meets("address", place) if presences[["interface", data.host.carrier[place]]]

# No ID stands for two targets: there are as many pairs of them as IDs.
unambiguous if {
	pairs := {[b.id, targets[i]] | some i, b in input; b.id != ""}
	count(pairs) == count({b.id | some b in input; b.id != ""})
}

superseded(port, "interface", _) if positions[[port, "all", ""]]

superseded(port, "address", place) if positions[[port, "all", ""]]

superseded(port, "address", place) if {
	port != ""
	positions[[port, "interface", data.host.carrier[place]]]
}

kept := [i |
	some i, [port, kind, place] in targets
	positions[[port, kind, place]][0] == i
	not superseded(port, kind, place)
]

# References that mean the other kind of place.
rewritten := [[i, kind] |
	some i, [_, kind, _] in targets
	kind != input[i].scope
]

default result := {"valid": false}

result := {"valid": true, "kept": kept, "rewritten": rewritten} if {
	count(targets) == count(input)
	unambiguous
	not conflict
}
