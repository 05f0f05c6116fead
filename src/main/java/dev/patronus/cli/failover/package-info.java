/// The `failover` commands: list, show.
///
/// In: options. Out: answers. Never knows: SQL.
@NullMarked
package dev.patronus.cli.failover;

import org.jspecify.annotations.NullMarked;
