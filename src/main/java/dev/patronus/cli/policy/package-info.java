/// The `policy` commands: list, show, explain, check, test, diff; deletion is in `cli.deletion`.
///
/// In: options, a flow. Out: answers. Never knows: SQL.
@NullMarked
package dev.patronus.cli.policy;

import org.jspecify.annotations.NullMarked;
