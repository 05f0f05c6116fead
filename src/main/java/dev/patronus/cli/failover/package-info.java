/// The `failover` commands: list, show.
///
/// In: options. Out: answers. Never knows: SQL.
package dev.patronus.cli.failover;
