/// The commands about the daemon: `daemon`, `status`, `doctor`, `cache`.
///
/// In: options, replies of the daemon, facts of the machine. Out: answers. Never knows: SQL.
package dev.patronus.cli.daemon;
