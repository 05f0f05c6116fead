/// The `path` commands: list, show, history, probe.
///
/// In: options. Out: answers. Never knows: SQL.
@NullMarked
package dev.patronus.cli.path;

import org.jspecify.annotations.NullMarked;
