/// The commands about the daemon and the machine: `status`, `doctor`, `cache`, `config`.
///
/// In: options, replies of the daemon, facts of the machine. Out: answers. Never knows: SQL.
@NullMarked
package dev.patronus.cli.daemon;

import org.jspecify.annotations.NullMarked;
