/// The `path` commands: list, show, history.
///
/// In: options. Out: answers. Never knows: SQL.
package dev.patronus.cli.path;
