/// What all commands share: [Command], [Option], [Invocation], the [Session] with its terminal and
/// database, the connection to the daemon.
///
/// In: parsed words. Out: values of options, a database, replies of the daemon. Never knows: which
/// commands there are.
@NullMarked
package dev.patronus.cli.command;

import org.jspecify.annotations.NullMarked;
