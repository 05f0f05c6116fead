/// The address of a hub, and what the environment adds to it: password files, service files and
/// certificates, as psql finds them.
///
/// In: an address as people write it, variables, files. Out: all that a connection needs. Never
/// knows: SQL, what is sent.
@NullMarked
package dev.patronus.fleet.address;

import org.jspecify.annotations.NullMarked;
