/// The `path` commands: list, show, history, probe.
///
/// In: options. Out: answers. Never knows: SQL.
package dev.patronus.cli.path;
